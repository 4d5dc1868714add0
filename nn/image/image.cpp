#include <algorithm>
#include <utility>

#include <nn/error.h>
#include <nn/image/image.h>

namespace nn {

Image oriented(Image image, int orientation) {
  if (orientation < 1 || orientation > 8) fail("expected an orientation 1 to 8, got ", orientation);
  if (orientation == 1) return image;
  // Bits of what reading the result takes: columns and rows exchanged, then each side reversed.
  const bool exchanged = orientation >= 5;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image result{image.width, image.height, image.channels, {}};
  if (exchanged) std::swap(result.width, result.height);
  result.pixels.resize(image.pixels.size());
  const auto channels = static_cast<std::size_t>(image.channels);
  auto out = result.pixels.begin();
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) {
      int from_x = exchanged ? y : x;
      int from_y = exchanged ? x : y;
      if (from_right) from_x = image.width - 1 - from_x;
      if (from_below) from_y = image.height - 1 - from_y;
      const std::size_t from =
          (static_cast<std::size_t>(from_y) * static_cast<std::size_t>(image.width) +
           static_cast<std::size_t>(from_x)) *
          channels;
      out = std::copy_n(image.pixels.begin() + static_cast<std::ptrdiff_t>(from), channels, out);
    }
  }
  return result;
}

}  // namespace nn
