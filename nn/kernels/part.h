#pragma once

#include <algorithm>
#include <cstdint>

namespace nn::kernels {

// One of `count` parts of a kernel's work, which threads may do at once.
struct Part {
  std::int64_t index = 0;
  std::int64_t count = 1;

  // Where the part of `size` things begins; the next one begins where it ends.
  std::int64_t begin(std::int64_t size) const { return size * index / count; }
  std::int64_t end(std::int64_t size) const { return size * (index + 1) / count; }
};

// Into how many parts work of so many operations (on one float each) is worth cutting for so many
// threads: two for each, to even out what they are behind in, each worth more than waking a thread,
// which takes some 5 us.
inline std::int64_t parts_worth(double operations, int threads) {
  constexpr double least = 1e6;  // some 17 us
  if (threads == 1 || operations < 2 * least) return 1;
  return static_cast<std::int64_t>(std::min(operations / least, 2.0 * threads));
}

// The same for layers that share the rows of one image: one part for each thread, so that mostly the
// same one reads what it wrote in the layer before.
inline std::int64_t even_parts(double operations, int threads) {
  constexpr double least = 3e5;  // some 5 us
  return static_cast<std::int64_t>(std::clamp(operations / least, 1.0, double(threads)));
}

}  // namespace nn::kernels
