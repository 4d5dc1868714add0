#include <algorithm>
#include <array>
#include <optional>

#include <nn/image/grey.h>

namespace nn {
namespace {

struct GreyAlpha {
  std::uint8_t grey;
  std::uint8_t alpha;
};

GreyAlpha pixel_at(const Image& image, std::size_t i) {
  const std::uint8_t* p = &image.pixels[i * static_cast<std::size_t>(image.channels)];
  switch (image.channels) {
    case 1:
      return {p[0], 255};
    case 2:
      return {p[0], p[1]};
    case 3:
      return {grey_of(p[0], p[1], p[2]), 255};
    default:
      return {grey_of(p[0], p[1], p[2]), p[3]};
  }
}

// What lies behind transparent pixels; nothing when no pixel is transparent.
std::optional<int> ground_of(const Image& image) {
  if (!image.has_alpha()) return std::nullopt;
  const std::size_t count = image.pixels.size() / static_cast<std::size_t>(image.channels);
  std::array<std::uint64_t, 256> seen{};  // by grey: the sum of alpha
  std::uint64_t alpha_sum = 0;
  std::uint64_t grey_sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto [grey, alpha] = pixel_at(image, i);
    seen[grey] += alpha;
    alpha_sum += alpha;
    grey_sum += std::uint64_t{grey} * alpha;
  }
  if (alpha_sum == 255 * std::uint64_t{count}) return std::nullopt;
  if (alpha_sum == 0) return 255;
  const auto quantile = [&](std::uint64_t percent) {
    std::uint64_t below = 0;
    int grey = 0;
    while (grey < 255 &&
           (below += seen[static_cast<std::size_t>(grey)]) * 100 < alpha_sum * percent) {
      ++grey;
    }
    return grey;
  };
  constexpr int differing = 64;
  const bool has_ground = 2 * alpha_sum >= 255 * std::uint64_t{count};
  if (has_ground && quantile(98) - quantile(2) >= differing) return quantile(50);
  return grey_sum >= 128 * alpha_sum ? 0 : 255;
}

}  // namespace

Plane grey_plane(const Image& image, int longest) {
  const std::optional<int> ground = ground_of(image);
  const int factor = (std::max(image.width, image.height) + longest - 1) / longest;
  Plane plane((image.width + factor - 1) / factor, (image.height + factor - 1) / factor);
  std::size_t i = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int block = 0; block < plane.width; ++block) {
      float& sum = plane.at(block, y / factor);
      const int end = std::min((block + 1) * factor, image.width);
      for (int x = block * factor; x < end; ++x, ++i) {
        const auto [grey, alpha] = pixel_at(image, i);
        const int value = ground ? (grey * alpha + *ground * (255 - alpha) + 127) / 255 : grey;
        sum += static_cast<float>(value);
      }
    }
  }
  if (factor == 1) return plane;
  for (int y = 0; y < plane.height; ++y) {
    const int rows = std::min(factor, image.height - y * factor);
    for (int x = 0; x < plane.width; ++x) {
      const int columns = std::min(factor, image.width - x * factor);
      plane.at(x, y) /= static_cast<float>(rows * columns);
    }
  }
  return plane;
}

}  // namespace nn
