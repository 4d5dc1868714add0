#include <gtest/gtest.h>
#include <random>
#include <vector>

#include <nn/io/crc32.h>

namespace {

using nn::io::Crc32Version;

// Bit by bit, by the definition.
std::uint32_t naive_crc32(std::span<const std::byte> bytes, std::uint32_t so_far) {
  std::uint32_t state = ~so_far;
  for (const std::byte byte : bytes) {
    state ^= std::to_integer<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? 0xEDB88320 : 0);
  }
  return ~state;
}

std::vector<std::byte> random_bytes(std::size_t count) {
  std::mt19937 random(5);
  std::vector<std::byte> bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

TEST(Crc32, EveryVersionFollowsTheDefinitionAtEveryLengthAndAlignment) {
  const auto bytes = random_bytes(2200);
  for (const Crc32Version& version : nn::io::crc32_versions()) {
    SCOPED_TRACE(version.name);
    for (std::size_t begin = 0; begin < 9; ++begin) {
      for (std::size_t length = 0; length < 2180; length += 1 + length / 100) {
        const auto part = std::span(bytes).subspan(begin, length);
        ASSERT_EQ(version.run(part, 0), naive_crc32(part, 0)) << length;
        ASSERT_EQ(version.run(part, 0x12345678), naive_crc32(part, 0x12345678)) << length;
      }
    }
  }
}

TEST(Crc32, GoesOnFromAnEarlierResult) {
  const auto bytes = random_bytes(100'000);
  const std::uint32_t whole = nn::io::crc32(bytes);
  EXPECT_EQ(whole, naive_crc32(bytes, 0));
  for (const std::size_t at : {1U, 63U, 1024U, 65'537U, 99'999U}) {
    EXPECT_EQ(
        nn::io::crc32(std::span(bytes).subspan(at), nn::io::crc32(std::span(bytes).first(at))),
        whole);
  }
  EXPECT_EQ(nn::io::crc32({}, whole), whole);
  const std::string_view check = "123456789";  // the value that catalogues of CRCs have
  EXPECT_EQ(nn::io::crc32(std::as_bytes(std::span(check))), 0xCBF43926U);
}

TEST(Crc32, IsJoinedFromThoseOfParts) {
  const auto bytes = random_bytes(10'000);
  const std::uint32_t whole = nn::io::crc32(bytes);
  for (const std::size_t at : {0U, 1U, 64U, 4096U, 9999U, 10'000U}) {
    const auto second = std::span(bytes).subspan(at);
    EXPECT_EQ(nn::io::joined_crc32(nn::io::crc32(std::span(bytes).first(at)), nn::io::crc32(second),
                                   second.size()),
              whole)
        << at;
  }
}

TEST(Crc32, EveryFlippedBitChangesIt) {
  auto bytes = random_bytes(1500);
  for (const Crc32Version& version : nn::io::crc32_versions()) {
    const std::uint32_t intact = version.run(bytes, 0);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      bytes[bit / 8] ^= std::byte{1} << bit % 8;
      ASSERT_NE(version.run(bytes, 0), intact) << version.name << " bit " << bit;
      bytes[bit / 8] ^= std::byte{1} << bit % 8;
    }
  }
}

}  // namespace
