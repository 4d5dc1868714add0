#pragma once

#include <cstdint>

namespace nn {

// 8-bit floats: bits with a type, named as PyTorch's C++ names them. Arithmetic goes through float.
//
//   type             sign exponent fraction  bias  largest    NaN            infinity  -0
//   Float8_e4m3fn       1        4        3     7      448    s.1111.111     none      yes
//   Float8_e5m2         1        5        2    15    57344    s.11111.01-11  yes       yes
//   Float8_e4m3fnuz     1        4        3     8      240    1.0000.000     none      none
//   Float8_e5m2fnuz     1        5        2    16    57344    1.00000.00     none      none
//   Float8_e8m0fnu      0        8        0   127    2^127    11111111       none      no zero
//
// https://arxiv.org/abs/2209.05433, https://arxiv.org/abs/2206.02915 (fnuz), and the scales of
// https://www.opencompute.org/documents/ocp-microscaling-formats-mx-v1-0-spec-final-pdf (e8m0)
struct Float8_e4m3fn {
  std::uint8_t bits;
};
struct Float8_e5m2 {
  std::uint8_t bits;
};
struct Float8_e4m3fnuz {
  std::uint8_t bits;
};
struct Float8_e5m2fnuz {
  std::uint8_t bits;
};
struct Float8_e8m0fnu {
  std::uint8_t bits;
};

// Exact.
float to_float(Float8_e4m3fn value);
float to_float(Float8_e5m2 value);
float to_float(Float8_e4m3fnuz value);
float to_float(Float8_e5m2fnuz value);
float to_float(Float8_e8m0fnu value);

// Rounded to nearest, ties to even, as PyTorch's `to(dtype)`; NaN stays NaN. What is too large, and
// an infinity, becomes ±448 in e4m3fn, ±infinity in e5m2 and NaN in the others. e8m0fnu rounds to
// the nearest power of two, a tie up, and drops the sign; 0 becomes its least number, 2^-127.
Float8_e4m3fn to_float8_e4m3fn(float value);
Float8_e5m2 to_float8_e5m2(float value);
Float8_e4m3fnuz to_float8_e4m3fnuz(float value);
Float8_e5m2fnuz to_float8_e5m2fnuz(float value);
Float8_e8m0fnu to_float8_e8m0fnu(float value);

}  // namespace nn
