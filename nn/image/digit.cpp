#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <nn/image/digit.h>
#include <nn/image/grey.h>
#include <nn/image/ink.h>
#include <nn/image/resample.h>

namespace nn {
namespace {

constexpr int field = 28;  // side of the result
constexpr int side = 20;   // longer side of the digit in it
constexpr int centre = 14;
// Larger pictures are averaged down to this before ink is looked for.
constexpr int longest_studied = 512;

struct Point {
  double x;
  double y;
};

Point centre_of_mass(const Plane& plane) {
  double sum = 0;
  Point result{0, 0};
  for (int y = 0; y < plane.height; ++y) {
    for (int x = 0; x < plane.width; ++x) {
      const double value = plane.at(x, y);
      sum += value;
      result.x += value * x;
      result.y += value * y;
    }
  }
  return {result.x / sum, result.y / sum};
}

bool is_mnist_digit(const Plane& ink) {
  Box box{field, field, 0, 0};
  float peak = 0;
  for (int y = 0; y < field; ++y) {
    for (int x = 0; x < field; ++x) {
      if (ink.at(x, y) == 0) continue;
      peak = std::max(peak, ink.at(x, y));
      box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x + 1),
             std::max(box.bottom, y + 1)};
    }
  }
  const int longer = std::max(box.width(), box.height());
  if (peak < 128 || longer > side || longer < side - 1) return false;
  constexpr double reach = 0.53;  // MNIST's own: 13.48 to 14.50
  const Point mass = centre_of_mass(ink);
  return std::abs(mass.x - centre) < reach && std::abs(mass.y - centre) < reach;
}

// The picture as ink on black when it is an MNIST digit as it stands.
std::optional<Plane> already_prepared(const Plane& grey) {
  if (grey.width != field || grey.height != field) return std::nullopt;
  if (is_mnist_digit(grey)) return grey;
  Plane inverted = grey;
  for (float& value : inverted.values) value = 255 - value;
  if (is_mnist_digit(inverted)) return inverted;
  return std::nullopt;
}

Tensor to_pixels(const Plane& plane) {
  Tensor pixels({field, field}, DType::uint8);
  std::transform(plane.values.begin(), plane.values.end(), pixels.as<std::uint8_t>().begin(),
                 [](float value) { return static_cast<std::uint8_t>(std::lround(value)); });
  return pixels;
}

// The digit scaled to `side`, its brightest pixel 255.
Plane scaled(const Ink& ink) {
  const int longer = std::max(ink.box.width(), ink.box.height());
  const auto scale = [&](int size) {
    return std::max(1, static_cast<int>(std::lround(static_cast<double>(size) * side / longer)));
  };
  Plane digit = resample(ink.amount, ink.box, scale(ink.box.width()), scale(ink.box.height()));
  const float peak = *std::max_element(digit.values.begin(), digit.values.end());
  for (float& value : digit.values) value = std::min(value * (255 / peak), 255.0F);
  return digit;
}

Plane centred(const Plane& digit) {
  const Point mass = centre_of_mass(digit);
  const auto place = [](double middle, int size) {
    return std::clamp(static_cast<int>(std::lround(centre - middle)), 0, field - size);
  };
  const int left = place(mass.x, digit.width);
  const int top = place(mass.y, digit.height);
  Plane result(field, field);
  for (int y = 0; y < digit.height; ++y) {
    for (int x = 0; x < digit.width; ++x) result.at(left + x, top + y) = digit.at(x, y);
  }
  return result;
}

}  // namespace

Digit prepare_digit(const Image& image) {
  const bool sized =
      image.width > 0 && image.height > 0 && image.channels > 0 && image.channels < 5;
  if (!sized || image.pixels.size() / static_cast<std::size_t>(image.width) /
                        static_cast<std::size_t>(image.channels) !=
                    static_cast<std::size_t>(image.height)) {
    fail("prepare_digit: expected a picture of at least 1 x 1 pixels with 1 to 4 channels, got ",
         image.width, " x ", image.height, " x ", image.channels, " with ", image.pixels.size(),
         " bytes");
  }
  const Plane grey = grey_plane(image, longest_studied);
  if (const std::optional<Plane> prepared = already_prepared(grey)) {
    return {.untouched = true, .pixels = to_pixels(*prepared)};
  }
  const Ink ink = find_ink(grey);
  if (ink.blank) return {.blank = true, .pixels = Tensor({field, field}, DType::uint8)};
  return {.pixels = to_pixels(centred(scaled(ink)))};
}

Tensor normalize(ConstTensorView pixels, float mean, float std) {
  const Shape& shape = pixels.shape();
  if (shape.rank() != 2 && shape.rank() != 3) {
    fail("normalize: expected pixels [H, W] or [N, H, W], got ", shape);
  }
  const auto values = pixels.as<std::uint8_t>();
  const std::size_t height = shape.rank() - 2;
  Tensor result({height == 0 ? 1 : shape[0], 1, shape[height], shape[height + 1]});
  std::transform(values.begin(), values.end(), result.f32().begin(), [&](std::uint8_t value) {
    return (static_cast<float>(value) / 255.0F - mean) / std;
  });
  return result;
}

}  // namespace nn
