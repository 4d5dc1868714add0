#pragma once

#include <algorithm>
#include <cstdint>

#include <nn/kernels/im2col.h>

namespace nn::kernels {

// How an image's output is cut into tiles of m × m.
struct TileGrid {
  explicit TileGrid(const Windows& w)
      : m(w.kernel_h == 5 ? 4 : 6),
        columns((w.out_w + m - 1) / m),
        count((w.out_h + m - 1) / m * columns),
        reach_h(count / columns * m + w.kernel_h - 1),
        reach_w(columns * m + w.kernel_w - 1),
        inside(w.top == 0 && w.left == 0 && reach_h <= w.height && reach_w <= w.width) {}

  std::int64_t m, columns, count;
  std::int64_t reach_h, reach_w;  // pixels of input that the tiles cover
  bool inside;                    // all of them in the image: no copy with a border is needed
};

// Tiles are computed in groups: values at points of up to 192 KiB wait in the second cache while
// all output channels pass.
constexpr std::int64_t most_tiles = 32;
inline std::int64_t group_of(std::int64_t in_channels, std::int64_t tiles) {
  const std::int64_t fitting = 48 * 1024 / (64 * in_channels) / 4 * 4;
  return std::min(std::clamp<std::int64_t>(fitting, 4, most_tiles), (tiles + 3) / 4 * 4);
}

// `count` things in as few parts of at most `most` as possible, their sizes differing by one at
// most.
struct Parts {
  Parts(std::int64_t count, std::int64_t most) : left(count), parts((count + most - 1) / most) {}
  bool next(std::int64_t& size) {
    if (parts == 0) return false;
    size = (left + parts - 1) / parts;
    left -= size;
    --parts;
    return true;
  }
  std::int64_t left, parts;
};

}  // namespace nn::kernels
