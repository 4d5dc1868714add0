#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <nn/io/idx.h>

#include "bytes.h"
#include "cost.h"
#include "zip_writer.h"

namespace {

using namespace test;
using testing::AllOf;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string big_endian(std::uint32_t value) {
  std::string bytes = u32(value);
  return {bytes.rbegin(), bytes.rend()};
}
std::string header(const std::vector<std::uint32_t>& sizes, int type = 8) {
  std::string bytes(2, '\0');
  bytes += static_cast<char>(type);
  bytes += static_cast<char>(sizes.size());
  for (const auto size : sizes) bytes += big_endian(size);
  return bytes;
}

class Idx : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "idx_test_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  nn::Tensor read(const std::string& bytes) const {
    const auto path = folder_ / "data-idx";
    std::ofstream(path, std::ios::binary) << bytes;
    return nn::read_idx(path);
  }
  // What is said of a plain and of a compressed file.
  void expect_refused(const std::string& bytes, const std::string& plain,
                      const std::string& compressed) const {
    EXPECT_THAT(refused(bytes), AllOf(HasSubstr("data-idx: "), HasSubstr(plain)));
    EXPECT_THAT(refused(gzipped(bytes)), AllOf(HasSubstr("data-idx: "), HasSubstr(compressed)));
  }
  std::string refused(const std::string& bytes) const {
    return refusal([&] { read(bytes); });
  }

  std::filesystem::path folder_;
};

TEST_F(Idx, ReadsImagesAndLabelsPlainAndGzipped) {
  const std::string images = header({2, 1, 3}) + "abcdef";
  for (const auto& bytes : {images, gzipped(images)}) {
    const nn::Tensor tensor = read(bytes);
    EXPECT_EQ(tensor.shape(), nn::Shape({2, 1, 3}));
    EXPECT_THAT(tensor.as<std::uint8_t>(), ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
  }
  EXPECT_THAT(read(header({3}) + "\x07\x02\x01").as<std::uint8_t>(), ElementsAre(7, 2, 1));
}

TEST_F(Idx, G1RefusesAnotherMagic) {
  expect_refused("\x01" + header({1}).substr(1) + "x", "begins with 1 0, expected 0 0",
                 "begins with 1 0, expected 0 0");
  EXPECT_THAT(refused(""), HasSubstr("got 0"));
  EXPECT_THAT(refused("GIF89a"), HasSubstr("not an idx file"));
}

TEST_F(Idx, G2G3RefuseOtherTypesAndRanks) {
  expect_refused(header({1}, 13) + "xxxx", "element type 13", "element type 13");
  expect_refused(header({}) + "x", "0 dimensions", "0 dimensions");
  expect_refused(header({1, 1}) + "x", "2 dimensions", "2 dimensions");
  expect_refused(header(std::vector<std::uint32_t>(255, 1)) + "x", "255 dimensions",
                 "255 dimensions");
}

TEST_F(Idx, G4G5RefuseMoreThanThereIsWithoutAllocatingIt) {
  const Cost cost = cost_of([&] {
    expect_refused(header({60'000, 28, 28}) + "xx", "47040000 bytes; there are 2 bytes",
                   "47040000 bytes; there are");
    expect_refused(header({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}), "overflow", "overflow");
    expect_refused(header({0x7FFFFFFF}), "there are 0 bytes", "there are");
    expect_refused(header({4}) + "xx", "there are 2 bytes", "2 bytes less than declared");
  });
  EXPECT_LT(cost.peak_bytes, std::size_t{4} << 20);
}

TEST_F(Idx, G6RefusesBytesBehindTheData) {
  expect_refused(header({2}) + "xxx", "1 bytes follow the data", "more bytes than declared");
}

TEST_F(Idx, G7TakesZeroImages) {
  EXPECT_EQ(read(header({0, 28, 28})).shape(), nn::Shape({0, 28, 28}));
  EXPECT_EQ(read(gzipped(header({0}))).shape(), nn::Shape({0}));
}

TEST_F(Idx, G9RefusesEveryTruncationAndFlipOfAGzipFile) {
  const std::string whole = gzipped(header({20}) + "a text of 20 letters");
  const nn::Tensor expected = read(whole);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ASSERT_NE(refused(whole.substr(0, length)), "accepted") << length;
  }
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    refusal([&] {
      const nn::Tensor tensor = read(flipped);
      EXPECT_TRUE(std::ranges::equal(tensor.view().bytes(), expected.view().bytes())) << bit;
    });
  }
}

TEST_F(Idx, G9RefusesASecondMemberAndBrokenHeaders) {
  const std::string whole = gzipped(header({2}) + "ab");
  EXPECT_THAT(refused(whole + whole), HasSubstr("bytes follow the end of the compressed data"));
  EXPECT_THAT(refused(patched(whole, 2, "\x07")), HasSubstr("unknown compression method"));
  EXPECT_THAT(refused(patched(whole, 3, "\x08").substr(0, 10) + std::string(1000, 'n')),
              AnyOf(HasSubstr("ends early"), HasSubstr("corrupt")));
  EXPECT_THAT(refused(patched(whole, whole.size() - 8, "!!!!")), HasSubstr("data check"));
  EXPECT_THAT(refused(patched(whole, whole.size() - 4, "!!!!")), HasSubstr("length check"));
}

TEST_F(Idx, G10StopsABombAtTheSizeThatTheHeaderNeeds) {
  const std::string bomb = gzipped(header({2}) + std::string(std::size_t{16} << 20, 'x'));
  std::string message;
  const Cost cost = cost_of([&] { message = refused(bomb); });
  EXPECT_THAT(message, HasSubstr("more bytes than declared"));
  EXPECT_LT(cost.peak_bytes, std::size_t{1} << 20);
}

TEST_F(Idx, G11ContentDecidesNotTheName) {
  const auto path = folder_ / "labels.gz";
  std::ofstream(path, std::ios::binary) << header({1}) << "x";
  EXPECT_EQ(nn::read_idx(path).numel(), 1);
}

TEST_F(Idx, AMissingFileIsNamed) {
  EXPECT_THAT(refusal([&] { nn::read_idx(folder_ / "none"); }), HasSubstr("none: cannot open"));
}

}  // namespace
