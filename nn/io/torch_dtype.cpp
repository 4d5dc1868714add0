#include <array>
#include <utility>

#include <nn/io/torch_dtype.h>

namespace nn::io {
namespace {

constexpr std::nullopt_t listed_only = std::nullopt;

constexpr std::array types = {
    TorchDType{"float32", 4, DType::float32, 4},
    TorchDType{"float64", 8, DType::float64, 8},
    TorchDType{"float16", 2, DType::float16, 2},
    TorchDType{"bfloat16", 2, DType::bfloat16, 2},
    TorchDType{"int64", 8, DType::int64, 8},
    TorchDType{"int32", 4, DType::int32, 4},
    TorchDType{"int16", 2, DType::int16, 2},
    TorchDType{"int8", 1, DType::int8, 1},
    TorchDType{"uint8", 1, DType::uint8, 1},
    TorchDType{"bool", 1, DType::boolean, 1},
    TorchDType{"uint16", 2, DType::uint16, 2},
    TorchDType{"uint32", 4, DType::uint32, 4},
    TorchDType{"uint64", 8, DType::uint64, 8},
    TorchDType{"complex32", 4, listed_only, 2},
    TorchDType{"complex64", 8, listed_only, 4},
    TorchDType{"complex128", 16, listed_only, 8},
    TorchDType{"float8_e4m3fn", 1, DType::float8_e4m3fn, 1},
    TorchDType{"float8_e5m2", 1, DType::float8_e5m2, 1},
    TorchDType{"float8_e4m3fnuz", 1, DType::float8_e4m3fnuz, 1},
    TorchDType{"float8_e5m2fnuz", 1, DType::float8_e5m2fnuz, 1},
    TorchDType{"float8_e8m0fnu", 1, DType::float8_e8m0fnu, 1},
    TorchDType{"float4_e2m1fn_x2", 1, listed_only, 1},
    TorchDType{"qint8", 1, listed_only, 1},
    TorchDType{"quint8", 1, listed_only, 1},
    TorchDType{"qint32", 4, listed_only, 4},
    TorchDType{"quint4x2", 0, listed_only, 0},
    TorchDType{"quint2x4", 0, listed_only, 0},
    TorchDType{"bits8", 1, listed_only, 1},
    TorchDType{"bits16", 2, listed_only, 2},
    TorchDType{"bits1x8", 1, listed_only, 1},
    TorchDType{"bits2x4", 1, listed_only, 1},
    TorchDType{"bits4x2", 1, listed_only, 1},
    TorchDType{"uint1", 1, listed_only, 1},
    TorchDType{"uint2", 1, listed_only, 1},
    TorchDType{"uint3", 1, listed_only, 1},
    TorchDType{"uint4", 1, listed_only, 1},
    TorchDType{"uint5", 1, listed_only, 1},
    TorchDType{"uint6", 1, listed_only, 1},
    TorchDType{"uint7", 1, listed_only, 1},
    TorchDType{"int1", 1, listed_only, 1},
    TorchDType{"int2", 1, listed_only, 1},
    TorchDType{"int3", 1, listed_only, 1},
    TorchDType{"int4", 1, listed_only, 1},
    TorchDType{"int5", 1, listed_only, 1},
    TorchDType{"int6", 1, listed_only, 1},
    TorchDType{"int7", 1, listed_only, 1},
};

using Alias = std::pair<std::string_view, std::string_view>;

constexpr std::array dtype_aliases = {
    Alias{"float", "float32"},   Alias{"double", "float64"},   Alias{"half", "float16"},
    Alias{"long", "int64"},      Alias{"int", "int32"},        Alias{"short", "int16"},
    Alias{"chalf", "complex32"}, Alias{"cfloat", "complex64"}, Alias{"cdouble", "complex128"},
};

constexpr std::array storages = {
    Alias{"FloatStorage", "float32"},
    Alias{"DoubleStorage", "float64"},
    Alias{"HalfStorage", "float16"},
    Alias{"BFloat16Storage", "bfloat16"},
    Alias{"LongStorage", "int64"},
    Alias{"IntStorage", "int32"},
    Alias{"ShortStorage", "int16"},
    Alias{"CharStorage", "int8"},
    Alias{"ByteStorage", "uint8"},
    Alias{"BoolStorage", "bool"},
    Alias{"ComplexFloatStorage", "complex64"},
    Alias{"ComplexDoubleStorage", "complex128"},
    Alias{"QInt8Storage", "qint8"},
    Alias{"QUInt8Storage", "quint8"},
    Alias{"QInt32Storage", "qint32"},
    Alias{"QUInt4x2Storage", "quint4x2"},
    Alias{"QUInt2x4Storage", "quint2x4"},
    // Python has no such classes, TorchScript writes their names.
    Alias{"ComplexHalfStorage", "complex32"},
    Alias{"UInt16Storage", "uint16"},
    Alias{"UInt32Storage", "uint32"},
    Alias{"UInt64Storage", "uint64"},
    Alias{"Float8_e4m3fnStorage", "float8_e4m3fn"},
    Alias{"Float8_e5m2Storage", "float8_e5m2"},
    Alias{"Float8_e4m3fnuzStorage", "float8_e4m3fnuz"},
    Alias{"Float8_e5m2fnuzStorage", "float8_e5m2fnuz"},
    Alias{"Float8_e8m0fnuStorage", "float8_e8m0fnu"},
};

}  // namespace

const TorchDType* find_torch_dtype(std::string_view name) {
  for (const auto& [alias, meaning] : dtype_aliases) {
    if (alias == name) name = meaning;
  }
  for (const TorchDType& type : types) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

const TorchDType* find_storage_dtype(std::string_view class_name) {
  for (const auto& [storage, meaning] : storages) {
    if (storage == class_name) return find_torch_dtype(meaning);
  }
  return nullptr;
}

std::string_view storage_class_of(std::string_view dtype) {
  for (const auto& [storage, meaning] : storages) {
    if (meaning == dtype) return storage;
  }
  return {};
}

}  // namespace nn::io
