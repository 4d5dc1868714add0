#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.h"

namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

json summary(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"summary", "--json"});
  const Outcome outcome = rushlight(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return json::parse(outcome.out);
}

// torchinfo.summary(Net(), (1, 1, 28, 28)): 431,080 parameters; conv1 24 * 24 * 20 * 25, conv2
// 8 * 8 * 50 * 20 * 25, fc1 800 * 500, fc2 500 * 10 products.
TEST(Summary, CountsTheTutorialsNetAsPyTorchUsersExpect) {
  const json answer = summary({"mnist_convnet"});
  EXPECT_EQ(answer["parameters"], 431080);
  EXPECT_EQ(answer["multiply_adds"], 288000 + 1600000 + 400000 + 5000);
  EXPECT_EQ(answer["weight_bytes"], 4 * 431080);
  EXPECT_EQ(answer["input_bytes"], 4 * 28 * 28);
  ASSERT_EQ(answer["layers"].size(), 11U);
  EXPECT_EQ(answer["layers"][3]["name"], "conv2");
  EXPECT_EQ(answer["layers"][3]["parameters"], 50 * 20 * 25 + 50);
  EXPECT_EQ(answer["layers"][3]["outputs"], (json{{1, 50, 8, 8}}));
  EXPECT_EQ(answer["layers"][3]["output_bytes"], 4 * 50 * 8 * 8);
  EXPECT_THAT(rushlight({"summary", "mnist_convnet"}).out,
              AllOf(HasSubstr("total params: 431,080\n"), HasSubstr("total mult-adds: 2,293,000\n"),
                    HasSubstr("  25,050  1,600,000")));
}

TEST(Summary, TakesGraphFilesForTheSizesThatAreGiven) {
  const std::string file = source_path("tests/golden/graphs/sizes_dynamo.onnx");
  const json answer = summary({file, "--input", "2,3,8,9"});
  EXPECT_EQ(answer["inputs"],
            (json{{{"name", "x"}, {"dtype", "float32"}, {"shape", {2, 3, 8, 9}}}}));
  EXPECT_EQ(answer["layers"][0]["outputs"], (json{{2, 3, 72}}));
  EXPECT_TRUE(answer["assumed"].empty());
  EXPECT_EQ(summary({file, "--input", "x=3x8x9"})["inputs"][0]["shape"], (json{1, 3, 8, 9}));
}

TEST(Summary, SaysWhichSizesItAssumedWhereTheFileLeavesThemFree) {
  const std::string file = source_path("tests/golden/graphs/sizes_dynamo.onnx");
  EXPECT_EQ(summary({file})["assumed"][0]["chosen"], "[1, 3, 224, 224]");
  EXPECT_THAT(rushlight({"summary", file}).err, HasSubstr("assumed input: [1, 3, 224, 224]"));
  EXPECT_TRUE(summary({source_path("tests/golden/graphs/convnet_script.onnx")})["assumed"].empty());
}

TEST(Summary, TakesWeightsWithTheirNetAndABatch) {
  const std::string file = source_path("weights/mnist_convnet.pt");
  const json answer = summary({file, "--input", "4,1,28,28"});
  EXPECT_EQ(answer["model"], "mnist_convnet");
  EXPECT_EQ(answer["outputs"][0]["shape"], (json{4, 10}));
}

TEST(Summary, RefusesSizesThatAreNoneOrDoNotFit) {
  const std::string file = source_path("tests/golden/graphs/sizes_dynamo.onnx");
  EXPECT_EQ(rushlight({"summary", file, "--input", "1,3,-8"}).exit_code, 2);
  const Outcome rank = rushlight({"summary", file, "--input", "8,9"});
  EXPECT_EQ(rank.exit_code, 1);
  EXPECT_THAT(rank.err, HasSubstr("input 'x' is [batch, 3, height, width], --input gives [8, 9]"));
  const Outcome name = rushlight({"summary", file, "--input", "y=1,3,8,9"});
  EXPECT_THAT(name.err, HasSubstr("--input 'y' is not one of its 1 inputs (x)"));
  const Outcome channels = rushlight({"summary", file, "--input", "99999999999,9999999999,9,9"});
  EXPECT_EQ(channels.exit_code, 1);
}

}  // namespace
