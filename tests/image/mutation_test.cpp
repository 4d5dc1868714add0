#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include <nn/image/digit.h>

#include "picture_builder.h"

namespace {

using namespace picture_builder;

class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry :
         std::filesystem::directory_iterator(RUSHLIGHT_SOURCE_DIR "/tests/golden/image")) {
      if (entry.path().extension() != ".pixels") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
      std::ifstream file(path, std::ios::binary);
      files_.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
  }

  std::string next() {
    std::string file = files_[below(files_.size())];
    const std::size_t changes = 1 + below(4);
    for (std::size_t i = 0; i < changes; ++i) change(file);
    if (below(4) != 0) mend_checksums(file);
    return file;
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }

  void change(std::string& file) {
    const std::size_t at = below(file.size());
    switch (below(6)) {
      case 0:
        file[at] = static_cast<char>(file[at] ^ (1 << below(8)));
        break;
      case 1:
        file[at] = static_cast<char>(below(256));
        break;
      case 2:
        file.erase(at, 1 + below(8));
        break;
      case 3:
        file.insert(at, std::string(1 + below(8), static_cast<char>(below(256))));
        break;
      case 4:
        file.insert(at, file.substr(below(file.size()), below(100)));
        break;
      default: {
        const std::string& other = files_[below(files_.size())];
        file.replace(at, below(40), other.substr(below(other.size()), below(40)));
      }
    }
    if (file.empty()) file.assign(1, 'x');
  }

  // So that changes come further than to the first CRC-32.
  static void mend_checksums(std::string& file) {
    const auto byte = [&](std::size_t i) {
      return static_cast<std::uint32_t>(static_cast<unsigned char>(file[i]));
    };
    if (!file.starts_with(signature)) return;
    for (std::size_t at = 8; at + 12 <= file.size();) {
      const std::size_t length =
          byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
      if (length > file.size() - at - 12) return;
      file.replace(at + 8 + length, 4, u32(crc_of(file.substr(at + 4, 4 + length))));
      at += 12 + length;
    }
  }

  std::mt19937 random_;
  std::vector<std::string> files_;
};

TEST(Picture, A8A9TwentyThousandChangedFilesAreRefusedOrDecoded) {
  Mutator mutator(20260101);
  int decoded = 0;
  int refused = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string file = mutator.next();
    try {
      const nn::Image image = decode(file);
      ASSERT_EQ(image.pixels.size(), static_cast<std::size_t>(image.width) *
                                         static_cast<std::size_t>(image.height) *
                                         static_cast<std::size_t>(image.channels));
      if (image.pixels.size() < 10000) nn::prepare_digit(image);
      ++decoded;
    } catch (const nn::Error& error) {
      // A refusal by stb_image itself would be a gap in the checks before it.
      ASSERT_THAT(error.what(), testing::Not(testing::HasSubstr("stb_image")));
      ++refused;
    }
  }
  EXPECT_GT(decoded, 500);
  EXPECT_GT(refused, 10000);
}

}  // namespace
