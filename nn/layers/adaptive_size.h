#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nn/kernels/pool.h>
#include <nn/shape.h>

namespace nn {

// What adaptive pools are asked for: 7, {7, 5} or {std::nullopt, 5}. A side that is std::nullopt
// (PyTorch's None) keeps the input's size.
struct AdaptiveSize {
  std::optional<std::int64_t> h;
  std::optional<std::int64_t> w;

  template <std::integral T>
  AdaptiveSize(T both) : h(both), w(both) {}
  AdaptiveSize(std::optional<std::int64_t> height, std::optional<std::int64_t> width)
      : h(height), w(width) {}

  // Of an input [N, C, H, W] or [C, H, W]: the shape with H' and W'.
  Shape of(const Shape& in) const;
};

// Throws Error, beginning with `kind`: "… elements of output_size must be greater than or equal to 0
// but received {-1, -1}".
void require_adaptive_size(std::string_view kind, const AdaptiveSize& size);

// "(7, None)"
std::string to_text(const AdaptiveSize& size);

// The planes of an input and an output of those shapes; of its axes only `in` and `out` are told.
kernels::PoolPlane adaptive_plane(const Shape& in, const Shape& out);

}  // namespace nn
