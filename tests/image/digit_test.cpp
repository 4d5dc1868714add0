#include <algorithm>
#include <cmath>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include <nn/image/decode.h>
#include <nn/image/digit.h>
#include <nn/image/grey.h>
#include <nn/image/resample.h>

namespace {

using nn::Digit;
using nn::Image;

const std::filesystem::path samples = RUSHLIGHT_SOURCE_DIR "/samples";

std::vector<std::uint8_t> pixels_of(const Digit& digit) {
  const auto values = digit.pixels.as<std::uint8_t>();
  return {values.begin(), values.end()};
}

Image plain(int width, int height, std::uint8_t grey) {
  return {width, height, 1,
          std::vector<std::uint8_t>(
              static_cast<std::size_t>(width) * static_cast<std::size_t>(height), grey)};
}

void fill(Image& image, int left, int top, int width, int height, std::uint8_t grey) {
  for (int y = top; y < top + height; ++y) {
    for (int x = left; x < left + width; ++x) {
      image.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                   static_cast<std::size_t>(x)] = grey;
    }
  }
}

// A seven of two bars, `unit` pixels thick, 8 x 10 units large.
void draw_seven(Image& image, int left, int top, int unit, std::uint8_t grey) {
  fill(image, left, top, 8 * unit, unit, grey);
  fill(image, left + 6 * unit, top + unit, unit, 9 * unit, grey);
}

struct Geometry {
  int longer = 0;
  int peak = 0;
  double x = 0, y = 0;  // centre of mass
};
Geometry geometry_of(const Digit& digit) {
  const auto pixels = pixels_of(digit);
  int left = 28, right = 0, top = 28, bottom = 0;
  double sum = 0;
  Geometry result;
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) {
      const int value = pixels[static_cast<std::size_t>(28 * y + x)];
      if (value == 0) continue;
      left = std::min(left, x);
      right = std::max(right, x + 1);
      top = std::min(top, y);
      bottom = std::max(bottom, y + 1);
      result.peak = std::max(result.peak, value);
      sum += value;
      result.x += value * x;
      result.y += value * y;
    }
  }
  result.longer = std::max(right - left, bottom - top);
  result.x /= sum;
  result.y /= sum;
  return result;
}

TEST(Digit, EverySampleComesOutAsMnistHasThem) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(samples)) {
    if (entry.path().extension() == ".md") continue;
    const Digit digit = nn::prepare_digit(nn::read_image(entry.path()));
    ASSERT_FALSE(digit.blank) << entry.path();
    const Geometry geometry = geometry_of(digit);
    EXPECT_GE(geometry.longer, 19) << entry.path();
    EXPECT_LE(geometry.longer, 20) << entry.path();
    EXPECT_EQ(geometry.peak, 255) << entry.path();
    EXPECT_NEAR(geometry.x, 14, 0.51) << entry.path();
    EXPECT_NEAR(geometry.y, 14, 1.51) << entry.path();  // a seven's mass is high: the field ends
    ++count;
  }
  EXPECT_GE(count, 12);
}

TEST(Digit, ADigitThatIsAlreadyMnistsPassesUnchangedOnBlackAndOnWhite) {
  const Digit digit = nn::prepare_digit(nn::read_image(samples / "8_transparent_white_ink.png"));
  Image image{28, 28, 1, pixels_of(digit)};
  const Digit again = nn::prepare_digit(image);
  EXPECT_TRUE(again.untouched);
  EXPECT_EQ(pixels_of(again), pixels_of(digit));
  for (std::uint8_t& value : image.pixels) value = static_cast<std::uint8_t>(255 - value);
  const Digit inverted = nn::prepare_digit(image);
  EXPECT_TRUE(inverted.untouched);
  EXPECT_EQ(pixels_of(inverted), pixels_of(digit));
}

TEST(Digit, ADigitOfMnistsSizeElsewhereIsMovedOnly) {
  Image image = plain(28, 28, 0);
  draw_seven(image, 0, 0, 2, 255);  // 16 x 20 in the corner
  const Digit digit = nn::prepare_digit(image);
  EXPECT_FALSE(digit.untouched);
  Image expected = plain(28, 28, 0);
  draw_seven(expected, 4, 8, 2, 255);  // its mass is right of and above its middle
  EXPECT_EQ(pixels_of(digit), expected.pixels);
}

TEST(Digit, PlaceSizeAndPolarityDoNotMatter) {
  Image reference = plain(100, 100, 255);
  draw_seven(reference, 20, 20, 4, 0);
  const auto expected = pixels_of(nn::prepare_digit(reference));
  Image elsewhere = plain(300, 200, 255);
  draw_seven(elsewhere, 250, 150, 4, 0);
  EXPECT_EQ(pixels_of(nn::prepare_digit(elsewhere)), expected);
  Image larger = plain(500, 400, 255);
  draw_seven(larger, 100, 50, 20, 0);
  EXPECT_EQ(pixels_of(nn::prepare_digit(larger)), expected);
  Image light_on_dark = plain(100, 100, 10);
  draw_seven(light_on_dark, 30, 40, 4, 240);
  EXPECT_EQ(pixels_of(nn::prepare_digit(light_on_dark)), expected);
}

TEST(Digit, ColourCountsAsItsGrey) {
  static_assert(nn::grey_of(255, 255, 255) == 255 && nn::grey_of(0, 0, 0) == 0);
  // Pillow's convert("L") of pure red, green and blue.
  static_assert(nn::grey_of(255, 0, 0) == 76 && nn::grey_of(0, 255, 0) == 150 &&
                nn::grey_of(0, 0, 255) == 29);
  static_assert(nn::grey_of(206, 34, 40) == 86);
}

// Ink of one colour on a transparent ground; the ground's own colour is black, as most tools store.
Image transparent_seven(std::uint8_t ink, std::uint8_t alpha) {
  Image mask = plain(100, 100, 0);
  draw_seven(mask, 20, 20, 4, alpha);
  Image image{100, 100, 2, {}};
  for (const std::uint8_t covered : mask.pixels) {
    image.pixels.push_back(covered != 0 ? ink : std::uint8_t{0});
    image.pixels.push_back(covered);
  }
  return image;
}

TEST(Digit, TransparentPicturesShowTheirInkWhateverItsColour) {
  Image reference = plain(100, 100, 255);
  draw_seven(reference, 20, 20, 4, 0);
  const auto expected = pixels_of(nn::prepare_digit(reference));
  for (const int ink : {0, 60, 127, 128, 200, 255}) {
    EXPECT_EQ(pixels_of(nn::prepare_digit(transparent_seven(static_cast<std::uint8_t>(ink), 255))),
              expected)
        << ink;
  }
  EXPECT_EQ(pixels_of(nn::prepare_digit(transparent_seven(255, 120))), expected);
}

TEST(Digit, ADrawingOnAnOpaqueCardWithTransparentCornersKeepsItsGround) {
  Image card = plain(100, 100, 255);
  draw_seven(card, 20, 20, 4, 0);
  Image image{100, 100, 2, {}};
  for (std::size_t i = 0; i < card.pixels.size(); ++i) {
    const std::size_t x = i % 100;
    const std::size_t y = i / 100;
    const bool corner = (x < 8 || x >= 92) && (y < 8 || y >= 92);
    image.pixels.push_back(corner ? std::uint8_t{0} : card.pixels[i]);
    image.pixels.push_back(corner ? std::uint8_t{0} : std::uint8_t{255});
  }
  EXPECT_EQ(pixels_of(nn::prepare_digit(image)), pixels_of(nn::prepare_digit(card)));
}

TEST(Digit, NothingDrawnIsBlank) {
  EXPECT_TRUE(nn::prepare_digit(plain(1, 1, 7)).blank);
  EXPECT_TRUE(nn::prepare_digit(plain(28, 28, 0)).blank);
  EXPECT_TRUE(nn::prepare_digit(plain(200, 100, 255)).blank);
  EXPECT_TRUE(nn::prepare_digit({9, 9, 4, std::vector<std::uint8_t>(9 * 9 * 4)}).blank);
  Image slope = plain(256, 200, 0);
  for (std::size_t i = 0; i < slope.pixels.size(); ++i)
    slope.pixels[i] = static_cast<std::uint8_t>(i % 256);
  EXPECT_TRUE(nn::prepare_digit(slope).blank);
  Image dot = plain(300, 300, 255);
  fill(dot, 150, 150, 4, 4, 0);
  EXPECT_TRUE(nn::prepare_digit(dot).blank);
  const Digit blank = nn::prepare_digit(plain(28, 28, 255));
  EXPECT_EQ(pixels_of(blank), plain(28, 28, 0).pixels);
}

TEST(Digit, APictureWithoutItsPixelsIsRefused) {
  EXPECT_THROW(nn::prepare_digit({}), nn::Error);
  EXPECT_THROW(nn::prepare_digit({2, 2, 1, {1, 2, 3}}), nn::Error);
  EXPECT_THROW(nn::prepare_digit({1, 1, 5, {1, 2, 3, 4, 5}}), nn::Error);
}

TEST(Digit, NoiseAloneIsBlank) {
  std::mt19937 random(1);
  for (const int amplitude : {3, 20, 100, 255}) {
    Image noise = plain(150, 120, 0);
    for (std::uint8_t& value : noise.pixels) {
      value = static_cast<std::uint8_t>(random() % static_cast<unsigned>(amplitude + 1));
    }
    EXPECT_TRUE(nn::prepare_digit(noise).blank) << amplitude;
  }
}

TEST(Digit, SpecksAreLeftOut) {
  Image image = plain(200, 200, 255);
  draw_seven(image, 60, 60, 8, 0);
  const auto expected = pixels_of(nn::prepare_digit(image));
  fill(image, 5, 190, 3, 3, 0);
  fill(image, 190, 4, 4, 3, 0);
  EXPECT_EQ(pixels_of(nn::prepare_digit(image)), expected);
}

TEST(Digit, AOnePixelPenOnALargeSheetStaysVisible) {
  Image image = plain(1000, 1000, 255);
  fill(image, 300, 200, 400, 1, 0);
  fill(image, 699, 200, 1, 600, 0);
  const Digit digit = nn::prepare_digit(image);
  ASSERT_FALSE(digit.blank);
  const Geometry geometry = geometry_of(digit);
  EXPECT_EQ(geometry.peak, 255);
  EXPECT_EQ(geometry.longer, 20);
}

TEST(Digit, AShadowIsNotInk) {
  Image image = plain(200, 200, 230);
  draw_seven(image, 60, 40, 10, 40);
  const auto expected = pixels_of(nn::prepare_digit(image));
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 200; ++x) {
      auto& value = image.pixels[static_cast<std::size_t>(200 * y + x)];
      value = static_cast<std::uint8_t>(value * (1 - 0.25 * x / 200 - 0.25 * y / 200));
    }
  }
  const auto shaded = pixels_of(nn::prepare_digit(image));
  for (std::size_t i = 0; i < shaded.size(); ++i) EXPECT_NEAR(shaded[i], expected[i], 64) << i;
}

TEST(Resample, MeansWhenSmallerAndLinesWhenLarger) {
  nn::Plane plane(4, 1);
  plane.values = {1, 3, 5, 11};
  EXPECT_THAT(nn::resample(plane, {0, 0, 4, 1}, 2, 1).values, testing::ElementsAre(2, 8));
  // Widths of 4/3: 1 + 3/3, 2/3 of 3 + 2/3 of 5, 5/3 + 11, each over 4/3.
  EXPECT_THAT(
      nn::resample(plane, {0, 0, 4, 1}, 3, 1).values,
      testing::ElementsAre(testing::FloatEq(1.5F), testing::FloatEq(4), testing::FloatEq(9.5F)));
  EXPECT_THAT(nn::resample(plane, {0, 0, 2, 1}, 4, 1).values,
              testing::ElementsAre(1, 1.5F, 2.5F, 3));
  EXPECT_THAT(nn::resample(plane, {3, 0, 4, 1}, 2, 2).values, testing::Each(11));
}

TEST(Normalize, HasTheBitsOfTorchvision) {
  nn::Tensor pixels({2, 128}, nn::DType::uint8);
  for (int i = 0; i < 256; ++i)
    pixels.as<std::uint8_t>()[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i);
  const nn::Tensor x = nn::normalize(pixels);
  EXPECT_EQ(x.shape(), nn::Shape({1, 1, 2, 128}));
  EXPECT_EQ(x.f32()[0], -0x1.b264e2p-2F);
  EXPECT_EQ(x.f32()[255], 0x1.69267ap+1F);
  // FNV-1a of all 256 values' bytes.
  std::uint32_t hash = 2166136261U;
  for (const std::byte byte : std::as_bytes(x.f32())) {
    hash = (hash ^ std::to_integer<std::uint32_t>(byte)) * 16777619U;
  }
  EXPECT_EQ(hash, 0x66a62eeaU);
  EXPECT_THROW(nn::normalize(nn::Tensor({28, 28})), nn::Error);
  EXPECT_EQ(nn::normalize(nn::Tensor({3, 28, 20}, nn::DType::uint8)).shape(),
            nn::Shape({3, 1, 28, 20}));
  EXPECT_THROW(nn::normalize(nn::Tensor({28}, nn::DType::uint8)), nn::Error);
}

TEST(Digit, ABoldDigitThatCoversMostOfItsPictureIsNotBlank) {
  for (const int unit : {10, 20}) {  // strokes of an eighth of the width, cropped to the strokes
    Image image = plain(8 * unit, 10 * unit, 255);
    draw_seven(image, 0, 0, unit, 0);
    const Digit digit = nn::prepare_digit(image);
    EXPECT_FALSE(digit.blank);
    EXPECT_EQ(geometry_of(digit).longer, 20);
  }
  Image frame = plain(120, 120, 255);  // an "O" of which more than half is ink
  fill(frame, 5, 5, 110, 110, 0);
  fill(frame, 45, 45, 30, 30, 255);
  const Digit zero = nn::prepare_digit(frame);
  EXPECT_FALSE(zero.blank);
  EXPECT_EQ(zero.pixels.as<std::uint8_t>()[14 * 28 + 14], 0) << "the hole of the O is ink";
  EXPECT_GT(zero.pixels.as<std::uint8_t>()[14 * 28 + 6], 200);
}

TEST(Digit, BlackAndWhiteNoiseIsBlank) {
  std::mt19937 random(3);
  for (const unsigned share : {5U, 20U, 50U}) {
    Image noise = plain(100, 100, 0);
    for (std::uint8_t& pixel : noise.pixels) pixel = random() % 100 < share ? 255 : 0;
    EXPECT_TRUE(nn::prepare_digit(noise).blank) << share << " % white";
  }
}

}  // namespace
