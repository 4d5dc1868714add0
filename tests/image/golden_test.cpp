#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <vector>

#include <nn/image/decode.h>

namespace {

using nn::Image;

const std::filesystem::path folder = RUSHLIGHT_SOURCE_DIR "/tests/golden/image";

// What tools/make_image_golden.py saw in a picture with Pillow.
Image expected_pixels(std::filesystem::path picture) {
  std::ifstream file(picture.replace_extension(".pixels"), std::ios::binary);
  std::vector<std::uint8_t> bytes(std::istreambuf_iterator<char>(file), {});
  if (bytes.size() < 3) return {};
  return {bytes[0], bytes[1], bytes[2], {bytes.begin() + 3, bytes.end()}};
}

std::vector<std::filesystem::path> pictures(const std::string& extension) {
  std::vector<std::filesystem::path> result;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == extension) result.push_back(entry.path());
  }
  return result;
}

int largest_difference(const Image& a, const Image& b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    largest = std::max(largest, std::abs(a.pixels[i] - b.pixels[i]));
  }
  return largest;
}

void expect_like_pillow(const std::filesystem::path& path, int tolerance) {
  const Image image = nn::read_image(path);
  const Image expected = expected_pixels(path);
  ASSERT_EQ(image.width, expected.width) << path;
  ASSERT_EQ(image.height, expected.height) << path;
  ASSERT_EQ(image.channels, expected.channels) << path;
  ASSERT_EQ(image.pixels.size(), expected.pixels.size()) << path;
  EXPECT_LE(largest_difference(image, expected), tolerance) << path;
}

TEST(Picture, I20EveryKindOfPngHasThePixelsOfPillow) {
  const auto paths = pictures(".png");
  EXPECT_GE(paths.size(), 37U);
  for (const auto& path : paths) expect_like_pillow(path, 0);
}

TEST(Picture, I18JpegIsWithinTwoLevelsOfPillow) {
  // Two decoders may round the inverse DCT, the colours and the chroma between pixels differently.
  const auto paths = pictures(".jpg");
  EXPECT_GE(paths.size(), 9U);
  for (const auto& path : paths) expect_like_pillow(path, 2);
}

TEST(Picture, I18ExifOrientationIsAppliedInPngAndJpeg) {
  const Image upright = nn::read_image(folder / "orientation1.png");
  const Image turned = nn::read_image(folder / "orientation6.png");
  ASSERT_EQ(turned.width, upright.height);
  // Turned clockwise: the lower left corner comes to the upper left.
  const auto lower_left = static_cast<std::size_t>((upright.height - 1) * upright.width);
  EXPECT_EQ(turned.pixels[0], upright.pixels[lower_left]);
  EXPECT_EQ(nn::read_image(folder / "exif_orientation6.jpg").width, 21);
}

}  // namespace
