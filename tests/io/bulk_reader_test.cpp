#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <thread>

#include <nn/io/bulk_reader.h>
#include <nn/io/container.h>
#include <nn/io/crc32.h>

#include "safetensors_writer.h"
#include "torch_writer.h"

namespace {

using namespace test;
using nn::io::BulkReader;
using nn::io::ByteSource;
using testing::HasSubstr;

std::vector<std::byte> random_bytes(std::size_t count) {
  std::mt19937 random(7);
  std::vector<std::byte> bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

// Counts what is read of bytes in memory; fails from byte `end` on, as a file that was cut short.
class CountingSource final : public ByteSource {
 public:
  explicit CountingSource(std::vector<std::byte> bytes)
      : bytes_(nn::io::memory_source(std::move(bytes), "m")), end(bytes_->size()) {}

  std::uint64_t size() const override { return bytes_->size(); }
  const std::string& name() const override { return bytes_->name(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset + out.size() > end) nn::fail("byte ", offset, ": cut short");
    read += out.size();
    bytes_->read_at(offset, out);
  }

 private:
  std::shared_ptr<const ByteSource> bytes_;

 public:
  mutable std::atomic<std::uint64_t> read{0};
  std::uint64_t end;
};

TEST(BulkReader, ReadsRunsOfEveryLengthAndTheirChecksum) {
  const auto bytes = random_bytes(5'000'000);
  const BulkReader reader(nn::io::memory_source(bytes, "m"));
  for (const std::size_t length :
       {0U, 1U, 262'143U, 262'144U, 262'145U, 1'048'575U, 1'048'576U, 4'999'990U}) {
    const auto expected = std::span(bytes).subspan(10, length);
    std::vector<std::byte> out(length);
    reader.read_at(10, out);
    EXPECT_TRUE(std::ranges::equal(out, expected)) << length;
    std::ranges::fill(out, std::byte{0});
    EXPECT_EQ(reader.read_with_crc(10, out), nn::io::crc32(expected)) << length;
    EXPECT_TRUE(std::ranges::equal(out, expected)) << length;
    EXPECT_EQ(reader.crc_of(10, length), nn::io::crc32(expected)) << length;
  }
}

TEST(BulkReader, ReadsEveryByteOnce) {
  const auto source = std::make_shared<CountingSource>(random_bytes(3'000'001));
  const BulkReader reader(source);
  std::vector<std::byte> out(3'000'000);
  reader.read_at(1, out);
  EXPECT_EQ(source->read, 3'000'000U);
  reader.read_with_crc(1, out);
  EXPECT_EQ(source->read, 6'000'000U);
  reader.read_through(1);
  EXPECT_EQ(source->read, 9'000'000U);
}

TEST(BulkReader, ThrowsWhatAThreadMet) {
  const auto source = std::make_shared<CountingSource>(random_bytes(4'000'000));
  source->end = 3'500'000;
  const BulkReader reader(source);
  std::vector<std::byte> out(4'000'000);
  EXPECT_THAT(refusal([&] { reader.read_at(0, out); }), HasSubstr("cut short"));
  EXPECT_THAT(refusal([&] { reader.read_with_crc(0, out); }), HasSubstr("cut short"));
  EXPECT_THAT(refusal([&] { reader.read_through(0); }), HasSubstr("cut short"));
  EXPECT_THAT(refusal([&] { reader.read_through(3'600'000); }), HasSubstr("cut short"));
}

TEST(BulkReader, ThreadsReadAtOnce) {
  const auto bytes = random_bytes(3'000'000);
  const std::uint32_t expected = nn::io::crc32(bytes);
  const BulkReader one(nn::io::memory_source(bytes, "m"));
  const BulkReader two(one);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      std::vector<std::byte> out(bytes.size());
      for (int n = 0; n < 10; ++n) {
        right += (i % 2 == 0 ? one : two).read_with_crc(0, out) == expected ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 40);
}

// The bytes read to open the file, and those to read the tensor "w" of 4 bytes.
std::pair<std::uint64_t, std::uint64_t> bytes_read(const std::string& file) {
  const auto source = std::make_shared<CountingSource>(as_bytes(file));
  const auto container = nn::io::open_container(source);
  const std::uint64_t opening = source->read;
  const auto& entries = container->entries();
  const auto w = std::ranges::find(entries, "w", &nn::StateDict::Entry::name);
  container->read(static_cast<std::size_t>(w - entries.begin()));
  return {opening, source->read - opening};
}

TEST(Opening, ReadsTheDirectoryAndThePickleAndATensorItself) {
  constexpr std::int64_t large = 2'000'000;
  TorchFile file;
  file.program = pickle::dict({{"large", pickle::vector("0", large)},
                               {"w", pickle::vector("1", 1)},
                               {"larger", pickle::vector("2", 2 * large)}});
  file.storages = {
      {"0", std::string(4 * large, 'x')}, {"1", floats({1})}, {"2", std::string(8 * large, 'y')}};
  const auto [opening, reading] = bytes_read(file.bytes());
  EXPECT_LT(opening, 80'000U);  // the last 64 KiB are searched for the end record
  EXPECT_LT(reading, 200U);     // with the entry's local header
}

TEST(Opening, ReadsTheHeaderOfSafetensorsAndATensorItself) {
  const auto [opening, reading] = bytes_read(
      safetensors(R"({"large":{"dtype":"U8","shape":[8000000],"data_offsets":[0,8000000]},)"
                  R"("w":{"dtype":"F32","shape":[1],"data_offsets":[8000000,8000004]}})",
                  std::string(8'000'000, 'x') + floats({1})));
  EXPECT_LT(opening, 1000U);
  EXPECT_EQ(reading, 4U);
}

}  // namespace
