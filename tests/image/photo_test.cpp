#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

#include <nn/image/decode.h>
#include <nn/image/photo.h>

#include "../error_of.h"

namespace {

const std::string folder = RUSHLIGHT_SOURCE_DIR "/tests/golden/classify/";

TEST(Photo, IsResizedAsPillowDoesIt) {
  struct Case {
    const char* name;
    int width, height;
  };
  for (const auto& [name, width, height] :
       {Case{"photo", 37, 53}, {"small", 50, 44}, {"small", 20, 44}}) {
    const nn::Image image = nn::read_image(folder + name + ".png");
    const nn::Tensor photo = nn::prepare_photo(image, {height, width, 0});
    ASSERT_EQ(photo.shape(), nn::Shape({3, height, width}));
    std::ifstream file(folder + nn::concat(name, "_", width, "x", height, ".bin"),
                       std::ios::binary);
    const std::vector<char> expected(std::istreambuf_iterator<char>(file), {});
    const auto levels = photo.as<std::uint8_t>();
    ASSERT_EQ(levels.size(), expected.size());
    for (std::size_t i = 0; i < levels.size(); ++i) {
      ASSERT_EQ(int{levels[i]}, int{static_cast<unsigned char>(expected[i])}) << i;
    }
  }
}

TEST(Photo, TheMiddleOfTheShorterSideIsCutOut) {
  nn::Image image{8, 4, 1, std::vector<std::uint8_t>(32)};
  for (std::size_t i = 0; i < 32; ++i) image.pixels[i] = static_cast<std::uint8_t>(i % 8 * 10);
  const nn::Tensor photo = nn::prepare_photo(image, {2, 2, 4});
  EXPECT_EQ(photo.as<std::uint8_t>()[0], 30);  // columns 3 and 4 of 8
  EXPECT_EQ(photo.as<std::uint8_t>()[1], 40);
  EXPECT_EQ(photo.as<std::uint8_t>()[11], 40);  // grey in all three channels
}

TEST(Photo, RefusesPicturesThatDoNotHoldWhatTheySay) {
  EXPECT_EQ(error_of([] {
              nn::prepare_photo({2, 2, 3, {1, 2, 3}}, {});
            }),
            "expected a picture of 12 samples, 2x2x3, got 3");
  nn::Image thin{100000, 1, 1, std::vector<std::uint8_t>(100000)};
  EXPECT_NE(error_of([&] {
              nn::prepare_photo(thin, {224, 224, 256});
            }).find("too narrow"),
            std::string::npos);
}

}  // namespace
