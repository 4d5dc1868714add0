#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace nn::io {

// An element type as the header of a safetensors file names it.
struct SafetensorsDType {
  std::string_view name;
  std::string_view meaning;  // PyTorch's name; without one, the header's
  std::uint64_t bits;
};

// All of them, in the order in which the library's save_file lays tensors out.
std::span<const SafetensorsDType> safetensors_dtypes();

}  // namespace nn::io
