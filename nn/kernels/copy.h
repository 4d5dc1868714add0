#pragma once

#include <cassert>
#include <cstring>
#include <span>

namespace nn::kernels {

// to = from; they may be the same bytes.  REQUIRES: equal sizes.
inline void copy(std::span<const std::byte> from, std::span<std::byte> to) {
  assert(from.size() == to.size());
  if (from.data() != to.data() && !to.empty()) std::memcpy(to.data(), from.data(), to.size());
}

}  // namespace nn::kernels
