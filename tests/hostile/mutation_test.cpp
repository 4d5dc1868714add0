// A small file of each form with its end cut off, a bit flipped, or an allocation failing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../io/bytes.h"
#include "../io/cost.h"
#include "outcome.h"
#include "small_files.h"

namespace {

using namespace test;
using nn::StateDict;
using test::hostile::Reader;
using test::hostile::SmallFile;
using testing::StartsWith;

std::string all_of(Reader reader, const std::string& bytes) {
  return hostile::described_bytes(reader, as_bytes(bytes), "m.pt");
}

class Mutation : public testing::TestWithParam<SmallFile> {};

TEST_P(Mutation, A7EveryTruncationIsRefused) {
  const std::string& whole = GetParam().bytes;
  const Reader reader = GetParam().reader;
  ASSERT_EQ(refusal([&] { all_of(reader, whole); }), "accepted");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THAT(refusal([&] { all_of(reader, whole.substr(0, length)); }), StartsWith("m.pt: "))
        << length;
  }
}

TEST_P(Mutation, A8NoFlippedBitCrashesAndNoneChangesACheckedValue) {
  const auto& [name, whole, checked, reader] = GetParam();
  const std::string expected = all_of(reader, whole);
  std::size_t accepted = 0;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    std::string got;
    const std::string message = refusal([&, kind = reader] { got = all_of(kind, flipped); });
    if (message != "accepted") {
      EXPECT_THAT(message, StartsWith("m.pt: ")) << "bit " << bit;
      continue;
    }
    ++accepted;
    if (checked) {
      EXPECT_EQ(got, expected) << "bit " << bit;
    }
  }
  // Most bits matter: times, paddings and, without checksums, values do not.
  EXPECT_LT(accepted, whole.size() * (checked ? 4 : 7)) << name;
}

// Fails at the first allocation, the second and so on, until opening, reading and verifying need
// fewer.
template <class Work>
std::size_t fail_at_every_allocation(Work&& work) {
  work();  // what is allocated once and for all
  const std::size_t before = allocated_bytes();
  for (std::size_t successes = 0;; ++successes) {
    bool failed = false;
    fail_allocations_after(successes);
    try {
      work();
    } catch (const std::bad_alloc&) {
      failed = true;
    }
    const bool reached = stop_failing_allocations();
    EXPECT_EQ(failed, reached) << successes;
    EXPECT_EQ(allocated_bytes(), before) << "a leak after " << successes << " allocations";
    if (!reached || testing::Test::HasFailure()) return successes;
  }
}

TEST_P(Mutation, C6EveryAllocationMayFail) {
  const auto bytes = as_bytes(GetParam().bytes);
  const std::size_t allocations = fail_at_every_allocation([&] {
    std::vector<std::byte> copy = bytes;
    hostile::described_bytes(GetParam().reader, std::move(copy), "m.pt");
  });
  EXPECT_GT(allocations, 10U);
}

INSTANTIATE_TEST_SUITE_P(Files, Mutation, testing::ValuesIn(hostile::small_files()),
                         [](const auto& file) { return file.param.name; });

// An index and its shards are files: a folder of them for each test.
class ShardMutation : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "mutation_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    for (const SmallFile& file : hostile::small_files()) {
      if (file.name == "torch_zip") write("w", file.bytes);
    }
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  std::string all_of_index(const std::string& text) const {
    write("index.json", text);
    return hostile::described(StateDict::open(folder_ / "index.json"));
  }

  const std::string index_ = R"({"weight_map":{"w":"w"}})";
  std::filesystem::path folder_;
};

TEST_F(ShardMutation, A7A8NoTruncationOrFlippedBitOfAnIndexChangesAValue) {
  const std::string expected = all_of_index(index_);
  for (std::size_t length = 0; length < index_.size(); ++length) {
    EXPECT_NE(refusal([&] { all_of_index(index_.substr(0, length)); }), "accepted") << length;
  }
  for (std::size_t bit = 0; bit < index_.size() * 8; ++bit) {
    std::string flipped = index_;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    std::string got;
    if (refusal([&] { got = all_of_index(flipped); }) == "accepted") {
      EXPECT_EQ(got, expected) << "bit " << bit;
    }
  }
}

TEST_F(ShardMutation, C6EveryAllocationMayFail) {
  write("index.json", index_);
  const auto path = folder_ / "index.json";
  const std::size_t allocations =
      fail_at_every_allocation([&] { hostile::described(StateDict::open(path)); });
  EXPECT_GT(allocations, 10U);
}

}  // namespace
