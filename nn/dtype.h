#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nn/float8.h>

namespace nn {

// Element types, named as in PyTorch. Layers compute in float32; the others are there for storage
// (the other floats), indices, shapes and masks.
enum class DType : std::uint8_t {
  float32,
  float64,
  float16,
  bfloat16,
  float8_e4m3fn,
  float8_e5m2,
  float8_e4m3fnuz,
  float8_e5m2fnuz,
  float8_e8m0fnu,
  int64,
  int32,
  int16,
  int8,
  uint64,
  uint32,
  uint16,
  uint8,
  boolean,
};

// Bytes of one element.
std::size_t size_of(DType dtype);
// PyTorch's name without "torch.": "float32", "bool".
std::string_view name_of(DType dtype);
// The DType of that name, or nothing.
std::optional<DType> dtype_named(std::string_view name);
inline std::string to_text(DType dtype) { return std::string(name_of(dtype)); }
bool is_floating_point(DType dtype);
// One of the types of nn/float8.h.
bool is_float8(DType dtype);

// 16-bit floats are bits with a type; arithmetic goes through float.
struct Float16 {
  std::uint16_t bits;
};
struct BFloat16 {
  std::uint16_t bits;
};
// Exact.
float to_float(Float16 value);
float to_float(BFloat16 value);
// Rounded to nearest, ties to even, as PyTorch's `to(dtype)`; NaN stays NaN.
Float16 to_float16(float value);
BFloat16 to_bfloat16(float value);

// The DType of a C++ element type.
template <class T>
inline constexpr DType dtype_of = T::no_such_element_type;
template <>
inline constexpr DType dtype_of<float> = DType::float32;
template <>
inline constexpr DType dtype_of<double> = DType::float64;
template <>
inline constexpr DType dtype_of<Float16> = DType::float16;
template <>
inline constexpr DType dtype_of<BFloat16> = DType::bfloat16;
template <>
inline constexpr DType dtype_of<Float8_e4m3fn> = DType::float8_e4m3fn;
template <>
inline constexpr DType dtype_of<Float8_e5m2> = DType::float8_e5m2;
template <>
inline constexpr DType dtype_of<Float8_e4m3fnuz> = DType::float8_e4m3fnuz;
template <>
inline constexpr DType dtype_of<Float8_e5m2fnuz> = DType::float8_e5m2fnuz;
template <>
inline constexpr DType dtype_of<Float8_e8m0fnu> = DType::float8_e8m0fnu;
template <>
inline constexpr DType dtype_of<std::int64_t> = DType::int64;
template <>
inline constexpr DType dtype_of<std::int32_t> = DType::int32;
template <>
inline constexpr DType dtype_of<std::int16_t> = DType::int16;
template <>
inline constexpr DType dtype_of<std::int8_t> = DType::int8;
template <>
inline constexpr DType dtype_of<std::uint64_t> = DType::uint64;
template <>
inline constexpr DType dtype_of<std::uint32_t> = DType::uint32;
template <>
inline constexpr DType dtype_of<std::uint16_t> = DType::uint16;
template <>
inline constexpr DType dtype_of<std::uint8_t> = DType::uint8;
template <>
inline constexpr DType dtype_of<bool> = DType::boolean;

}  // namespace nn
