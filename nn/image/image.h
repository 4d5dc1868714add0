#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nn {

// A picture in memory: 8 bits per sample, rows from the top, no padding. `channels` is 1 (grey),
// 2 (grey, alpha), 3 (red, green, blue) or 4 (red, green, blue, alpha); alpha is not premultiplied.
struct Image {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<std::uint8_t> pixels;  // [height, width, channels]

  bool has_alpha() const { return channels == 2 || channels == 4; }
};

// The picture turned and mirrored as EXIF's orientation 1..8 asks, so that it is seen as it was
// taken: 1 as stored, 2 mirrored, 3 upside down, 4 upside down and mirrored, 5 and 7 mirrored and
// turned, 6 turned clockwise, 8 turned counter-clockwise.
Image oriented(Image image, int orientation);

}  // namespace nn
