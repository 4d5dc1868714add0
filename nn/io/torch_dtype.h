#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <nn/dtype.h>

namespace nn::io {

// An element type as PyTorch files name it, also those that we only list.
struct TorchDType {
  std::string_view name;        // "float32", "float8_e4m3fn"
  std::size_t item_size = 0;    // bytes; 0 when several elements share a byte
  std::optional<DType> usable;  // nothing for types that we cannot compute with
  // Bytes whose order depends on the machine: half of a complex number is one number.
  std::size_t number_size = item_size;

  friend bool operator==(const TorchDType& a, const TorchDType& b) { return a.name == b.name; }
};

// Nothing when PyTorch has no such type. `name` is without "torch."; "half", "long" … are
// understood.
const TorchDType* find_torch_dtype(std::string_view name);
// The element type of a storage class: "FloatStorage" holds float32.
const TorchDType* find_storage_dtype(std::string_view class_name);
// "FloatStorage" for "float32"; empty for the newer types, whose storages are untyped.
std::string_view storage_class_of(std::string_view dtype);

}  // namespace nn::io
