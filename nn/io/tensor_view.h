#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <nn/dtype.h>
#include <nn/shape.h>

namespace nn::io {

// A tensor inside a storage, as a file describes it: sizes, strides and offset in elements. All
// containers check theirs here.
struct StridedView {
  Shape shape;
  std::vector<std::int64_t> strides;
  // The window of the storage that the elements lie in: both 0 for an empty tensor.
  std::uint64_t offset = 0;
  std::uint64_t extent = 0;
  bool contiguous = true;  // the window is the tensor, in order
};

// Throws Error unless sizes and strides go together, nothing is negative, no product overflows and
// every element lies inside a storage of `storage_numel` elements. Offset and strides of an empty
// tensor and the stride of a dimension of size 1 may be anything that is not negative.
StridedView checked_view(std::span<const std::int64_t> sizes, std::span<const std::int64_t> strides,
                         std::int64_t offset, std::uint64_t storage_numel);

// Bytes of all elements, each copied out. Throws Error on overflow.
std::uint64_t byte_size(const StridedView& view, std::size_t item_size);

// Writes the elements in row-major order. `window` holds the bytes of the view's window.
void gather(const StridedView& view, std::size_t item_size, std::span<const std::byte> window,
            std::span<std::byte> out);

// Reverses the bytes of each number: big-endian data to little-endian and back.
void swap_bytes(std::span<std::byte> bytes, std::size_t number_size);

// Whether PyTorch negates numbers of this type: all floats and integers that it computes with.
bool can_negate(DType dtype);
// Negates each number, integers modulo 2^n. REQUIRES: can_negate(dtype).
void negate(std::span<std::byte> bytes, DType dtype);

// Bytes of bools as a file has them to 0 and 1: other values than 0 mean true.
void make_bools(std::span<std::byte> bytes);

}  // namespace nn::io
