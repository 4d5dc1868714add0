#include <array>
#include <bit>

#include <nn/dtype.h>

namespace nn {

namespace {

struct Type {
  DType dtype;
  std::string_view name;
  std::size_t size;
};

// By value of DType.
constexpr std::array types = {
    Type{DType::float32, "float32", 4},
    Type{DType::float64, "float64", 8},
    Type{DType::float16, "float16", 2},
    Type{DType::bfloat16, "bfloat16", 2},
    Type{DType::float8_e4m3fn, "float8_e4m3fn", 1},
    Type{DType::float8_e5m2, "float8_e5m2", 1},
    Type{DType::float8_e4m3fnuz, "float8_e4m3fnuz", 1},
    Type{DType::float8_e5m2fnuz, "float8_e5m2fnuz", 1},
    Type{DType::float8_e8m0fnu, "float8_e8m0fnu", 1},
    Type{DType::int64, "int64", 8},
    Type{DType::int32, "int32", 4},
    Type{DType::int16, "int16", 2},
    Type{DType::int8, "int8", 1},
    Type{DType::uint64, "uint64", 8},
    Type{DType::uint32, "uint32", 4},
    Type{DType::uint16, "uint16", 2},
    Type{DType::uint8, "uint8", 1},
    Type{DType::boolean, "bool", 1},
};
static_assert([] {
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (static_cast<std::size_t>(types[i].dtype) != i) return false;
  }
  return types.back().dtype == DType::boolean;
}());

const Type& type_of(DType dtype) { return types[static_cast<std::size_t>(dtype)]; }

}  // namespace

std::size_t size_of(DType dtype) { return type_of(dtype).size; }
std::string_view name_of(DType dtype) { return type_of(dtype).name; }

std::optional<DType> dtype_named(std::string_view name) {
  for (const Type& type : types) {
    if (type.name == name) return type.dtype;
  }
  return std::nullopt;
}

bool is_floating_point(DType dtype) { return dtype <= DType::float8_e8m0fnu; }

bool is_float8(DType dtype) {
  return dtype >= DType::float8_e4m3fn && dtype <= DType::float8_e8m0fnu;
}

float to_float(BFloat16 value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16);
}

float to_float(Float16 value) {
  const std::uint32_t sign = static_cast<std::uint32_t>(value.bits & 0x8000U) << 16;
  const std::uint32_t exponent = (value.bits >> 10) & 0x1FU;
  const std::uint32_t fraction = value.bits & 0x3FFU;
  if (exponent == 0x1F) {  // infinity and NaN
    return std::bit_cast<float>(sign | 0x7F800000U | (fraction << 13));
  }
  if (exponent == 0) {  // zero and denormals: fraction × 2^-24, exact in float
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
  return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
}

BFloat16 to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return {static_cast<std::uint16_t>((bits >> 16) | 0x40U)};
  const std::uint32_t ties_to_even = 0x7FFFU + ((bits >> 16) & 1U);
  return {static_cast<std::uint16_t>((bits + ties_to_even) >> 16)};
}

Float16 to_float16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  const auto with_sign = [sign](std::uint32_t half) {
    return Float16{static_cast<std::uint16_t>(sign | half)};
  };
  if (magnitude > 0x7F800000U) return with_sign(0x7E00U);   // NaN
  if (magnitude >= 0x477FF000U) return with_sign(0x7C00U);  // 65520 and above: infinity
  if (magnitude < 0x38800000U) {                            // below 2^-14: denormal or zero
    // Adding 2^-1 × 2^… lets the FPU round to a multiple of 2^-24, ties to even.
    const float rounded = std::bit_cast<float>(magnitude) + 0.5F;
    return with_sign(std::bit_cast<std::uint32_t>(rounded) - 0x3F000000U);
  }
  const std::uint32_t ties_to_even = 0xFFFU + ((magnitude >> 13) & 1U);
  return with_sign((magnitude + ties_to_even - 0x38000000U) >> 13);
}

}  // namespace nn
