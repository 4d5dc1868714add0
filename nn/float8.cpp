#include <bit>
#include <limits>

#include <nn/float8.h>

namespace nn {
namespace {

constexpr std::uint32_t float_infinity = 0x7F800000U;
constexpr std::uint32_t float_bias = 127;
constexpr std::uint32_t float_fraction_bits = 23;
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

struct Layout {
  std::uint32_t fraction_bits;
  std::uint32_t bias;
  std::uint32_t largest;  // the code of the greatest finite number
};
constexpr Layout e4m3fn{3, 7, 0x7E};
constexpr Layout e5m2{2, 15, 0x7B};
constexpr Layout e4m3fnuz{3, 8, 0x7F};
constexpr Layout e5m2fnuz{2, 16, 0x7F};

constexpr float power_of_two(std::uint32_t biased) {
  return std::bit_cast<float>(biased << float_fraction_bits);
}

// A code without its sign, of a finite number.
float magnitude_of(Layout layout, std::uint32_t code) {
  const std::uint32_t exponent = code >> layout.fraction_bits;
  if (exponent == 0) {  // zero and denormals are multiples of the least of them
    return static_cast<float>(code) *
           power_of_two(float_bias + 1 - layout.bias - layout.fraction_bits);
  }
  const std::uint32_t shift = float_fraction_bits - layout.fraction_bits;
  return std::bit_cast<float>((code << shift) +
                              ((float_bias - layout.bias) << float_fraction_bits));
}

float with_sign(std::uint32_t code, float magnitude) {
  return std::bit_cast<float>((code & 0x80U) << 24 | std::bit_cast<std::uint32_t>(magnitude));
}

// The code of a magnitude (bits of a float, not NaN), above layout.largest when it is too large.
std::uint32_t code_of(Layout layout, std::uint32_t magnitude) {
  const std::uint32_t shift = float_fraction_bits - layout.fraction_bits;
  const std::uint32_t rebias = float_bias - layout.bias;
  if (magnitude < (rebias + 1) << float_fraction_bits) {  // denormal or zero
    // Adding a number whose last place is the least denormal lets the FPU round, ties to even.
    const float rounder = power_of_two(rebias + 1 + shift);
    const float rounded = std::bit_cast<float>(magnitude) + rounder;
    return std::bit_cast<std::uint32_t>(rounded) - std::bit_cast<std::uint32_t>(rounder);
  }
  const std::uint32_t ties_to_even = (1U << (shift - 1)) - 1 + ((magnitude >> shift) & 1U);
  return ((magnitude + ties_to_even) >> shift) - (rebias << layout.fraction_bits);
}

// For the two layouts with a sign, whose -0 and NaN are their own: `too_large` stands for what does
// not fit.
std::uint8_t signed_code(Layout layout, float value, std::uint32_t too_large) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 24 & 0x80U;
  const std::uint32_t magnitude = bits & ~(1U << 31);
  if (magnitude > float_infinity) return static_cast<std::uint8_t>(sign | 0x7FU);
  const std::uint32_t code = code_of(layout, magnitude);
  return static_cast<std::uint8_t>(sign | (code > layout.largest ? too_large : code));
}

// "fnuz": finite, with NaN and an unsigned zero. What would be -0 is the only NaN.
float to_float_fnuz(Layout layout, std::uint32_t code) {
  return code == 0x80 ? nan : with_sign(code, magnitude_of(layout, code & 0x7FU));
}

std::uint8_t code_fnuz(Layout layout, float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t magnitude = bits & ~(1U << 31);
  if (magnitude > float_infinity) return 0x80;
  const std::uint32_t code = code_of(layout, magnitude);
  if (code > layout.largest) return 0x80;
  return static_cast<std::uint8_t>(code == 0 ? 0 : (bits >> 24 & 0x80U) | code);
}

}  // namespace

float to_float(Float8_e4m3fn value) {
  const std::uint32_t code = value.bits & 0x7FU;
  return with_sign(value.bits, code > e4m3fn.largest ? nan : magnitude_of(e4m3fn, code));
}

// The upper half of a float16 and read as one: its largest exponent is infinity and NaN.
float to_float(Float8_e5m2 value) {
  const std::uint32_t code = value.bits & 0x7FU;
  if (code <= e5m2.largest) return with_sign(value.bits, magnitude_of(e5m2, code));
  const std::uint32_t fraction = (code & 3U) << (float_fraction_bits - e5m2.fraction_bits);
  return with_sign(value.bits, std::bit_cast<float>(float_infinity | fraction));
}

float to_float(Float8_e4m3fnuz value) { return to_float_fnuz(e4m3fnuz, value.bits); }
float to_float(Float8_e5m2fnuz value) { return to_float_fnuz(e5m2fnuz, value.bits); }

float to_float(Float8_e8m0fnu value) {
  if (value.bits == 0xFF) return nan;
  return value.bits == 0 ? 0x1p-127F : power_of_two(value.bits);
}

Float8_e4m3fn to_float8_e4m3fn(float value) { return {signed_code(e4m3fn, value, e4m3fn.largest)}; }
Float8_e5m2 to_float8_e5m2(float value) { return {signed_code(e5m2, value, 0x7C)}; }
Float8_e4m3fnuz to_float8_e4m3fnuz(float value) { return {code_fnuz(e4m3fnuz, value)}; }
Float8_e5m2fnuz to_float8_e5m2fnuz(float value) { return {code_fnuz(e5m2fnuz, value)}; }

Float8_e8m0fnu to_float8_e8m0fnu(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t exponent = bits >> float_fraction_bits & 0xFFU;
  const std::uint32_t fraction = bits & ((1U << float_fraction_bits) - 1);
  constexpr std::uint32_t half = 1U << (float_fraction_bits - 1);
  if (exponent == 0xFF) return {0xFF};
  // A tie is 1.5 × 2^n and goes up; the same bits of a denormal float are 2^-127 itself.
  const bool up = fraction > half || (fraction == half && exponent > 0);
  return {static_cast<std::uint8_t>(exponent + (up ? 1 : 0))};
}

}  // namespace nn
