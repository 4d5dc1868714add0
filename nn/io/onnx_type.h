#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <nn/dtype.h>

namespace nn::io {

// TensorProto.DataType
struct OnnxType {
  std::int64_t number;
  std::string_view name;       // PyTorch's, or ONNX's in lower case
  std::optional<DType> dtype;  // where we have it
  std::uint32_t field;         // of TensorProto that holds its numbers where raw_data does not
};

// nullptr when there is none of the number.
const OnnxType* find_onnx_type(std::int64_t number);

}  // namespace nn::io
