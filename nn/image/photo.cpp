#include <algorithm>
#include <cmath>
#include <utility>

#include <nn/error.h>
#include <nn/image/photo.h>
#include <nn/image/resample.h>

namespace nn {
namespace {

Plane channel(const Image& image, int c) {
  Plane plane(image.width, image.height);
  const int from = image.channels < 3 ? 0 : c;
  const auto step = static_cast<std::size_t>(image.channels);
  for (std::size_t i = 0; i < plane.values.size(); ++i) {
    plane.values[i] = static_cast<float>(image.pixels[i * step + static_cast<std::size_t>(from)]);
  }
  return plane;
}

// Width and height before the middle is cut out. torchvision cuts off the longer side's fraction.
std::pair<int, int> resized(const Image& image, const PhotoSize& size) {
  if (size.shorter_side == 0) return {size.width, size.height};
  const std::int64_t shorter = size.shorter_side;
  if (image.width <= image.height) {
    return {size.shorter_side, static_cast<int>(shorter * image.height / image.width)};
  }
  return {static_cast<int>(shorter * image.width / image.height), size.shorter_side};
}

// int(round((whole - part) / 2)), halves to even.
int border(int whole, int part) { return static_cast<int>(std::lrint((whole - part) / 2.0)); }

}  // namespace

Tensor prepare_photo(const Image& image, const PhotoSize& size) {
  const auto pixels = static_cast<std::int64_t>(image.width) * image.height * image.channels;
  if (image.width < 1 || image.height < 1 || image.channels < 1 || image.channels > 4 ||
      static_cast<std::int64_t>(image.pixels.size()) != pixels) {
    fail("expected a picture of ", pixels, " samples, ", image.width, "x", image.height, "x",
         image.channels, ", got ", image.pixels.size());
  }
  const auto [width, height] = resized(image, size);
  if (width < size.width || height < size.height) {
    fail("a picture of ", width, "x", height, " has no middle of ", size.width, "x", size.height);
  }
  constexpr std::int64_t most = std::int64_t{1} << 26;
  if (std::int64_t{width} * height > most) {
    fail("the picture of ", image.width, "x", image.height, " is too narrow: made ", width, "x",
         height, " it has more than ", most, " pixels");
  }
  Tensor photo({3, size.height, size.width}, DType::uint8);
  auto out = photo.as<std::uint8_t>().begin();
  const int left = border(width, size.width), top = border(height, size.height);
  for (int c = 0; c < 3; ++c) {
    const Plane plane = resample_levels(channel(image, c), width, height);
    for (int y = 0; y < size.height; ++y) {
      const auto row =
          plane.values.begin() + static_cast<std::ptrdiff_t>(plane.index(left, top + y));
      out = std::transform(row, row + size.width, out,
                           [](float v) { return static_cast<std::uint8_t>(v); });
    }
  }
  return photo;
}

}  // namespace nn
