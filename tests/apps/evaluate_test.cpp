#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.h"

namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFFU);
  return bytes;
}

// "1" as a bar, as often as there are labels.
std::string bars(std::uint32_t count) {
  std::string picture(784, '\0');
  for (std::size_t row = 4; row < 24; ++row) picture.replace(row * 28 + 13, 3, 3, '\xff');
  std::string file = big_endian(0x803) + big_endian(count) + big_endian(28) + big_endian(28);
  for (std::uint32_t i = 0; i < count; ++i) file += picture;
  return file;
}

std::string labels(const std::string& values) {
  std::string file = big_endian(0x801) + big_endian(static_cast<std::uint32_t>(values.size()));
  for (const char value : values) file += static_cast<char>(value - '0');
  return file;
}

TEST(Evaluate, CountsWhatIsRightAndWhatIsTakenForWhat) {
  const TemporaryFolder folder;
  folder.file("t10k-images-idx3-ubyte", bars(3));
  folder.file("t10k-labels-idx1-ubyte", labels("171"));
  const Outcome outcome = rushlight({"evaluate", "--json", folder.path()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json answer = json::parse(outcome.out);
  EXPECT_EQ(answer["correct"], 2);
  EXPECT_EQ(answer["total"], 3);
  EXPECT_NEAR(answer["accuracy"], 2.0 / 3, 1e-12);
  EXPECT_EQ(answer["confusion"][1][1], 2);
  EXPECT_EQ(answer["confusion"][7][1], 1);
  EXPECT_THAT(rushlight({"evaluate", folder.path()}).out, HasSubstr("accuracy 66.67 %, 2 of 3"));
  EXPECT_THAT(rushlight({"evaluate", folder.path(), "--storage", "bfloat16"}).out,
              HasSubstr("accuracy 66.67 %, 2 of 3"));
}

TEST(Evaluate, RefusesFilesThatDoNotBelongTogether) {
  const TemporaryFolder folder;
  const auto refusal = [&] {
    const Outcome outcome = rushlight({"evaluate", folder.path()});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.out, IsEmpty());
    return outcome.err;
  };
  EXPECT_THAT(refusal(), HasSubstr("expected t10k-images-idx3-ubyte"));
  folder.file("t10k-images-idx3-ubyte", bars(3));
  EXPECT_THAT(refusal(), HasSubstr("expected t10k-labels-idx1-ubyte"));
  folder.file("t10k-labels-idx1-ubyte", labels("17"));
  EXPECT_THAT(refusal(), HasSubstr("expected 3 labels"));
  folder.file("t10k-labels-idx1-ubyte", labels("17:"));  // ':' is 10
  EXPECT_THAT(refusal(), HasSubstr("expected labels 0 to 9, got 10"));
  folder.file("t10k-images-idx3-ubyte", bars(0));
  folder.file("t10k-labels-idx1-ubyte", labels(""));
  EXPECT_THAT(refusal(), HasSubstr("expected pictures, got none"));
  folder.file("t10k-images-idx3-ubyte", labels("123"));
  folder.file("t10k-labels-idx1-ubyte", bars(3));
  EXPECT_THAT(refusal(), HasSubstr("expected pictures [N, 28, 28], got [3]"));
}

TEST(Evaluate, ReachesTheAccuracyOfTheCardOnMnist) {
  const char* const folder = std::getenv("RUSHLIGHT_MNIST");
  if (folder == nullptr) GTEST_SKIP() << "RUSHLIGHT_MNIST names no folder with MNIST";
  const json card = json::parse(content_of(source_path("weights/mnist_convnet.expected.json")));
  const Outcome outcome = rushlight({"evaluate", "--json", folder});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json answer = json::parse(outcome.out);
  EXPECT_EQ(answer["correct"], card["test_correct"]);
  EXPECT_EQ(answer["total"], card["test_total"]);
}

}  // namespace
