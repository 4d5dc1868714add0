#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace nn::kernels {

// e^y and e^y - 1 in double for results that end as float: relative error below 1e-9, where a
// float's last place is 6e-8. Without branches or calls, so that a loop over them is vectorised,
// and with the same operations for every element, so that the same y gives the same bits anywhere
// in an array. NaN gives NaN.
namespace detail {

struct ExpParts {
  double power;  // 2^n
  double rest;   // e^r - 1 where y = n ln(2) + r and |r| ≤ ln(2)/2
};

inline ExpParts exp_parts(double y) {
  constexpr double log2_e = 1.4426950408889634;
  constexpr double ln_2 = 0.6931471805599453;
  // Adding 1.5 × 2^52 rounds to an integer, which then sits in the low bits.
  constexpr double round = 6755399441055744.0;
  y = std::fabs(y) > 708 ? std::copysign(708.0, y) : y;  // gcc vectorises no second comparison
  const double shifted = y * log2_e + round;
  const double n = shifted - round;
  const double r = y - n * ln_2;
  double p = 1.0 / 40320;  // Taylor; the first term left out is r^9/9! < 2e-10
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 1.0 / 2;
  p = p * r + 1.0;
  return {std::bit_cast<double>((std::bit_cast<std::uint64_t>(shifted) + 1023) << 52), p * r};
}

}  // namespace detail

// 0 at -inf and inf at inf.
inline double exp_for_float(double y) {
  const auto [power, rest] = detail::exp_parts(0.5 * y);
  const double root = power * rest + power;
  return root * root;  // overflows and underflows by itself
}

// REQUIRES: y ≤ 708.
inline double expm1_for_float(double y) {
  const auto [power, rest] = detail::exp_parts(y);
  return power * rest + (power - 1);
}

}  // namespace nn::kernels
