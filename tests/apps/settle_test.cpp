#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.h"

// Strangers' nets: tools/make_evaluate_golden.py trained them.
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

std::string golden(const std::string& file) { return source_path("tests/golden/evaluate/" + file); }

TEST(Settle, FindsHowEachNetWasTrainedAndCountsAsPyTorchDoes) {
  const char* const folder = std::getenv("RUSHLIGHT_MNIST");
  if (folder == nullptr) GTEST_SKIP() << "RUSHLIGHT_MNIST names no folder with MNIST";
  const json expected = json::parse(content_of(golden("expected.json")));
  for (const auto& [name, truth] : expected.items()) {
    SCOPED_TRACE(name);
    for (const bool inferred : {false, true}) {
      SCOPED_TRACE(inferred ? "inferred" : "--net");
      std::vector<std::string> arguments{"evaluate", "--json", folder, "--model",
                                         golden(name + ".pth")};
      if (!inferred) {
        arguments.emplace_back("--net");
        arguments.push_back(golden(name + ".txt"));
      }
      const Outcome outcome = rushlight(arguments);
      ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
      const json answer = json::parse(outcome.out);
      for (const char* what : {"activation", "pool", "normalize", "order"}) {
        if (!truth.contains(what)) continue;
        EXPECT_EQ(answer["settled"][what], truth[what]) << what;
      }
      EXPECT_EQ(answer["settled"]["pictures"], 500);
      EXPECT_EQ(answer["total"], truth["total"]);
      // Pictures on the edge between two classes may fall to either side.
      EXPECT_NEAR(answer["correct"].get<double>(), truth["correct"].get<double>(), 2);
    }
  }
}

TEST(Settle, SaysWhatItSettledAndLeavesThesePicturesOut) {
  const char* const folder = std::getenv("RUSHLIGHT_MNIST");
  if (folder == nullptr) GTEST_SKIP() << "RUSHLIGHT_MNIST names no folder with MNIST";
  const std::string weights = golden("tanh_lenet.pth");
  const Outcome outcome =
      rushlight({"evaluate", "--model", weights, "--net", golden("tanh_lenet.txt"), folder});
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("settled on 500 pictures, which are not counted: activation tanh, "
                              "pool avg, normalize ±1, 98.2 % right; next of 51: activation tanh"),
                    HasSubstr("of 9500")));
  const Outcome given =
      rushlight({"evaluate", "--json", "--model", weights, "--net", golden("tanh_lenet.txt"),
                 "--activation", "tanh", "--pool", "avg", "--normalize", "+-1", folder});
  ASSERT_EQ(given.exit_code, 0) << given.err;
  const json answer = json::parse(given.out);
  EXPECT_TRUE(answer["settled"].is_null());
  EXPECT_EQ(answer["total"], 10000);
}

// A net of tanh and average pooling run with relu and max pooling.
TEST(Settle, RefusesANetThatIsRightInLessThanHalf) {
  const char* const folder = std::getenv("RUSHLIGHT_MNIST");
  if (folder == nullptr) GTEST_SKIP() << "RUSHLIGHT_MNIST names no folder with MNIST";
  const Outcome outcome =
      rushlight({"evaluate", "--model", golden("tanh_lenet.pth"), "--net", golden("tanh_lenet.txt"),
                 "--activation", "relu", "--pool", "max", folder});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("the best of 11 settings, without_activation fc1, normalize "),
                    HasSubstr("expected 50 % or more")));
}

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFFU);
  return bytes;
}

TEST(Settle, RefusesFewPicturesAndSaysWhichOptionsSettleItToo) {
  const TemporaryFolder folder;
  constexpr std::uint32_t count = 999;
  folder.file("t10k-images-idx3-ubyte", big_endian(0x803) + big_endian(count) + big_endian(28) +
                                            big_endian(28) + std::string(count * 784, '\7'));
  folder.file("t10k-labels-idx1-ubyte",
              big_endian(0x801) + big_endian(count) + std::string(count, '\1'));
  const Outcome outcome = rushlight({"evaluate", "--model", golden("tanh_lenet.pth"), "--net",
                                     golden("tanh_lenet.txt"), folder.path()});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("500 labelled pictures of at least 1000"),
                                 HasSubstr("there are 999: give --activation, --pool")));
}

}  // namespace
