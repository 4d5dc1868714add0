#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <nn/io/tensor_view.h>
#include <nn/io/torch_dtype.h>

namespace nn::io {

// The header of an .npy file: magic, version, length, and a Python dict that is read by a fixed
// grammar. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
struct NpyHeader {
  std::string dtype;                 // PyTorch's name; NumPy's for types that PyTorch has not
  const TorchDType* type = nullptr;  // nullptr: listed only
  bool big_endian = false;
  StridedView view;
  std::uint64_t data_at = 0;
  std::uint64_t data_size = 0;
};

// No header is longer, as in NumPy.
inline constexpr std::size_t longest_npy_header = 10'000;
// The first bytes of a file, in which its header has to be.
inline constexpr std::size_t npy_head_size = longest_npy_header + 12;

// `head` are the first npy_head_size bytes of an array's file of `size` bytes, or all of it. Throws
// Error when the header is not in order or the data is not as long as it says, and for arrays of
// objects, which are pickles.
NpyHeader read_npy_header(std::span<const std::byte> head, std::uint64_t size);

// "f4" for "float32": kind and bytes of an element as in "<f4"; empty for PyTorch's types that
// NumPy has not.
std::string_view numpy_type(std::string_view dtype);

}  // namespace nn::io
