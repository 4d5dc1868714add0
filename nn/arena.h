#pragma once

#include <cstddef>
#include <span>

namespace nn {

// A stretch of memory wanted from step `first` to step `last`, both included.
struct Buffer {
  std::size_t bytes = 0;
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t offset = 0;  // set by `lay_out`
};

// Gives each buffer an offset, a multiple of 64, such that no two that live at once overlap:
// largest first, each at the lowest gap that takes it. Returns the bytes of the whole.
std::size_t lay_out(std::span<Buffer> buffers);

}  // namespace nn
