#include <array>

#include <nn/io/safetensors_dtype.h>

namespace nn::io {
namespace {

constexpr std::array types = {
    SafetensorsDType{"U64", "uint64", 64},
    SafetensorsDType{"I64", "int64", 64},
    SafetensorsDType{"F64", "float64", 64},
    SafetensorsDType{"C64", "complex64", 64},
    SafetensorsDType{"F32", "float32", 32},
    SafetensorsDType{"U32", "uint32", 32},
    SafetensorsDType{"I32", "int32", 32},
    SafetensorsDType{"BF16", "bfloat16", 16},
    SafetensorsDType{"F16", "float16", 16},
    SafetensorsDType{"U16", "uint16", 16},
    SafetensorsDType{"I16", "int16", 16},
    SafetensorsDType{"F8_E5M2FNUZ", "float8_e5m2fnuz", 8},
    SafetensorsDType{"F8_E4M3FNUZ", "float8_e4m3fnuz", 8},
    SafetensorsDType{"F8_E8M0", "float8_e8m0fnu", 8},
    SafetensorsDType{"F8_E4M3", "float8_e4m3fn", 8},
    SafetensorsDType{"F8_E5M2", "float8_e5m2", 8},
    SafetensorsDType{"I8", "int8", 8},
    SafetensorsDType{"U8", "uint8", 8},
    SafetensorsDType{"F6_E3M2", "F6_E3M2", 6},
    SafetensorsDType{"F6_E2M3", "F6_E2M3", 6},
    SafetensorsDType{"F4", "F4", 4},
    SafetensorsDType{"BOOL", "bool", 8},
};

}  // namespace

std::span<const SafetensorsDType> safetensors_dtypes() { return types; }

}  // namespace nn::io
