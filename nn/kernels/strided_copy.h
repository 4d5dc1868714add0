#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <nn/shape.h>

namespace nn::kernels {

// Nested loops over elements, outermost first: how an output in row-major order reads its input.
// Strides are in elements, may be 0 (repeated) or negative (backwards).
struct StridedLoops {
  std::size_t rank = 0;
  std::array<std::int64_t, Shape::max_rank> size{};
  std::array<std::int64_t, Shape::max_rank> stride{};
  std::int64_t offset = 0;  // of the first element

  // One loop more, inside the others; joined with the last where that reads on where this ends.
  void add(std::int64_t loop_size, std::int64_t loop_stride);
};

// Copies elements of `item_size` bytes (1, 2, 4 or 8) to `to`, row after row.
// REQUIRES: every element that the loops reach lies in `from`; `to` holds their number.
void strided_copy(const StridedLoops& loops, std::size_t item_size, std::span<const std::byte> from,
                  std::span<std::byte> to);

}  // namespace nn::kernels
