#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.h"

namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const std::string residual = source_path("tests/golden/graphs/residual_dynamo.onnx");

TEST(InspectGraph, ShowsWhatEachLayerReadsAndCostsInTheTerminal) {
  const Outcome outcome = rushlight({"inspect", residual});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("433 parameters, 18.0 k multiply-adds, by pytorch 2.15"),
                                 HasSubstr("max_pool2d, "), HasSubstr("[1, 4, 10, 10]")));
  EXPECT_EQ(rushlight({"inspect", "--graph", residual}).out, outcome.out);
  const json answer = json::parse(rushlight({"inspect", "--json", residual}).out);
  EXPECT_EQ(answer["parameters"], 433);
  EXPECT_EQ(answer["layers"][0]["reads"], (json{"x"}));
}

TEST(InspectGraph, DrawsAPictureInTheFormatThatTheFileNames) {
  const TemporaryFolder folder;
  for (const auto& [name, start] : {std::pair("/net.svg", "<svg xmlns="),
                                    {"/net.dot", "digraph"},
                                    {"/net.md", "residual\\_dynamo.onnx: 433 parameters"}}) {
    const std::string file = folder.path() + name;
    const Outcome outcome = rushlight({"inspect", residual, "--graph", file});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(content_of(file), AllOf(StartsWith(start), HasSubstr("Conv2d"))) << name;
  }
}

TEST(InspectGraph, ShowsTheGraphBeforeAndAfterThePassesOfASession) {
  const Outcome before = rushlight({"inspect", "mnist_convnet", "--graph"});
  const Outcome after = rushlight({"inspect", "mnist_convnet", "--graph", "--prepared"});
  EXPECT_THAT(before.out, AllOf(HasSubstr("relu1"), HasSubstr("pool2")));
  EXPECT_THAT(after.out,
              AllOf(HasSubstr("conv2"), Not(HasSubstr("relu1")), Not(HasSubstr("pool2"))));
}

TEST(InspectGraph, TakesWeightsAndPrintedNets) {
  EXPECT_THAT(rushlight({"inspect", source_path("weights/mnist_convnet.pt"), "--graph"}).out,
              HasSubstr("mnist_convnet: 431 k parameters, 2.29 M multiply-adds"));
  const std::string lenet = source_path("tests/golden/evaluate/tanh_lenet");
  const Outcome outcome =
      rushlight({"inspect", lenet + ".pth", "--net", lenet + ".txt", "--graph"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Tanh"));
}

TEST(InspectGraph, RefusesOtherFormatsAndWritesNothingWhereItFails) {
  EXPECT_EQ(rushlight({"inspect", residual, "--graph=net.png"}).exit_code, 2);
  EXPECT_EQ(rushlight({"inspect", residual, "--graph", "net.png"}).exit_code, 2);
  const TemporaryFolder folder;
  const std::string file = folder.file("net.svg", "old");
  EXPECT_EQ(rushlight({"inspect", folder.path() + "/missing.onnx", "--graph", file}).exit_code, 1);
  EXPECT_EQ(content_of(file), "old");
  const Outcome nowhere =
      rushlight({"inspect", residual, "--graph", folder.path() + "/no/net.svg"});
  EXPECT_EQ(nowhere.exit_code, 1);
  EXPECT_THAT(nowhere.err, HasSubstr("net.svg"));
}

}  // namespace
