// The seeds and every input that ever brought a fuzzer to a halt, through the same targets.
#include <algorithm>
#include <gtest/gtest.h>

#include "../io/bytes.h"
#include "target.h"

namespace {

namespace fs = std::filesystem;
using test::fuzz::Target;

const fs::path folder = fs::path(RUSHLIGHT_SOURCE_DIR) / "tests/fuzz";

std::vector<fs::path> files_in(const fs::path& directory) {
  std::vector<fs::path> files;
  if (!fs::exists(directory)) return files;
  for (const auto& entry : fs::directory_iterator(directory)) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

class Fuzz : public testing::TestWithParam<Target> {};

TEST_P(Fuzz, TakesEverySeedAndEveryPastCrash) {
  const std::string name(GetParam().name);
  const auto seeds = files_in(folder / "seeds" / name);
  EXPECT_FALSE(seeds.empty());
  for (const auto& file : seeds) {
    EXPECT_NO_THROW(GetParam().run(test::as_bytes(test::contents(file)))) << file;
  }
  for (const auto& file : files_in(folder / "crashes" / name)) {
    EXPECT_NO_THROW(GetParam().run(test::as_bytes(test::contents(file)))) << file;
  }
}

TEST_P(Fuzz, TakesEverySeedWithABitFlippedOrItsEndCutOff) {
  for (const auto& file : files_in(folder / "seeds" / std::string(GetParam().name))) {
    const auto whole = test::as_bytes(test::contents(file));
    for (std::size_t i = 0; i < whole.size(); ++i) {
      EXPECT_NO_THROW(GetParam().run(std::span(whole).first(i))) << file << " cut at " << i;
      auto flipped = whole;
      flipped[i] ^= static_cast<std::byte>(1U << i % 8);
      EXPECT_NO_THROW(GetParam().run(flipped)) << file << " flipped at " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, Fuzz,
                         testing::ValuesIn(test::fuzz::targets().begin(),
                                           test::fuzz::targets().end()),
                         [](const auto& target) { return std::string(target.param.name); });

}  // namespace
