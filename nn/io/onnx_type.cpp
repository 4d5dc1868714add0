#include <array>

#include <nn/io/onnx_type.h>

namespace nn::io {
namespace {

constexpr std::uint32_t floats = 4;
constexpr std::uint32_t int32s = 5;
constexpr std::uint32_t strings = 6;
constexpr std::uint32_t int64s = 7;
constexpr std::uint32_t doubles = 10;
constexpr std::uint32_t uint64s = 11;

constexpr std::array types = {
    OnnxType{1, "float32", DType::float32, floats},
    OnnxType{2, "uint8", DType::uint8, int32s},
    OnnxType{3, "int8", DType::int8, int32s},
    OnnxType{4, "uint16", DType::uint16, int32s},
    OnnxType{5, "int16", DType::int16, int32s},
    OnnxType{6, "int32", DType::int32, int32s},
    OnnxType{7, "int64", DType::int64, int64s},
    OnnxType{8, "string", std::nullopt, strings},
    OnnxType{9, "bool", DType::boolean, int32s},
    OnnxType{10, "float16", DType::float16, int32s},
    OnnxType{11, "float64", DType::float64, doubles},
    OnnxType{12, "uint32", DType::uint32, uint64s},
    OnnxType{13, "uint64", DType::uint64, uint64s},
    OnnxType{14, "complex64", std::nullopt, floats},
    OnnxType{15, "complex128", std::nullopt, doubles},
    OnnxType{16, "bfloat16", DType::bfloat16, int32s},
    OnnxType{17, "float8_e4m3fn", DType::float8_e4m3fn, int32s},
    OnnxType{18, "float8_e4m3fnuz", DType::float8_e4m3fnuz, int32s},
    OnnxType{19, "float8_e5m2", DType::float8_e5m2, int32s},
    OnnxType{20, "float8_e5m2fnuz", DType::float8_e5m2fnuz, int32s},
    OnnxType{21, "uint4", std::nullopt, int32s},
    OnnxType{22, "int4", std::nullopt, int32s},
    OnnxType{23, "float4_e2m1", std::nullopt, int32s},
    OnnxType{24, "float8_e8m0fnu", DType::float8_e8m0fnu, int32s},
    OnnxType{25, "uint2", std::nullopt, int32s},
    OnnxType{26, "int2", std::nullopt, int32s},
    OnnxType{27, "float6_e2m3", std::nullopt, int32s},
    OnnxType{28, "float6_e3m2", std::nullopt, int32s},
};
static_assert([] {
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i].number != static_cast<std::int64_t>(i) + 1) return false;
  }
  return true;
}());

}  // namespace

const OnnxType* find_onnx_type(std::int64_t number) {
  if (number < 1 || number > static_cast<std::int64_t>(types.size())) return nullptr;
  return &types[static_cast<std::size_t>(number) - 1];
}

}  // namespace nn::io
