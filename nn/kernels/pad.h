#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <nn/shape.h>

namespace nn::kernels {

// What stands in the cells around a tensor.
enum class PadMode : std::uint8_t {
  constant,   // one value
  reflect,    // the tensor mirrored, its edge once: c b a b c
  replicate,  // the edge: a a a b c
  circular,   // the other end: b c a b c a
};

struct PadDim {
  std::int64_t size = 1;    // of the input
  std::int64_t before = 0;  // cells added in front; below 0: taken away
  std::int64_t after = 0;   // the same behind

  std::int64_t padded() const { return before + size + after; }
};

// The input's cell that stands in cell `at` of the padded dimension; -1 where none does.
// REQUIRES: no more cells are added at an end than reflect (size - 1) and circular (size) have.
std::int64_t padded_cell(PadMode mode, const PadDim& dim, std::int64_t at);

// Copies elements of `item_size` bytes (1, 2, 4 or 8), of which `value` holds that of mode constant.
// REQUIRES: dims.size() <= Shape::max_rank, `to` holds the padded tensor.
void pad(PadMode mode, std::span<const PadDim> dims, std::size_t item_size,
         std::span<const std::byte> value, std::span<const std::byte> from,
         std::span<std::byte> to);

}  // namespace nn::kernels
