#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace nn::kernels {

// e^y in double for results that end as float: relative error below 1e-9, where a
// float's last place is 6e-8. Without branches or calls, so that a loop over them is vectorised,
// and with the same operations for every element, so that the same y gives the same bits anywhere
// in an array. NaN gives NaN.
namespace detail {

struct ExpParts {
  double power;  // 2^n
  double rest;   // e^r - 1 where y = n ln(2) + r and |r| ≤ ln(2)/2
};

// REQUIRES: |y| ≤ 708 or NaN.
inline ExpParts exp_parts(double y) {
  constexpr double log2_e = 1.4426950408889634;
  constexpr double ln_2 = 0.6931471805599453;
  // Adding 1.5 × 2^52 rounds to an integer, which then sits in the low bits.
  constexpr double round = 6755399441055744.0;
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

// inf at inf; at -inf and everywhere below -600 it is e^-600, too small for a float to show and too
// large to be denormal: arithmetic on denormals costs ten times as much.
inline double exp_for_float(double y) {
  // Half of y held inside [-300, 708], by one comparison, since gcc does not vectorise two.
  constexpr double middle = 204;
  constexpr double reach = 504;
  const double t = 0.5 * y - middle;
  const double half = (std::fabs(t) > reach ? std::copysign(reach, t) : t) + middle;
  const auto [power, rest] = detail::exp_parts(half);
  const double root = power * rest + power;
  return root * root;  // overflows to inf by itself
}

}  // namespace nn::kernels
