// `verify` against what tools/export_reference.py stored (tools/make_verify_golden.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <nn/io/save.h>

#include "program.h"

namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

std::string golden(const std::string& file) { return source_path("tests/golden/verify/" + file); }

json verify(const std::string& model, const std::string& reference, int exit_code,
            std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"verify", "--json", golden(model), golden(reference)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Outcome outcome = rushlight(arguments);
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
  return json::parse(outcome.out);
}

TEST(Verify, EveryLayerOfAnOnnxFileGivesWhatPyTorchGave) {
  const json answer = verify("residual.onnx", "residual.npz", 0);
  EXPECT_EQ(answer["within"], true);
  EXPECT_TRUE(answer["first_wrong"].is_null());
  EXPECT_EQ(answer["matched"], 11);
  EXPECT_EQ(answer["outputs"], 1);
  ASSERT_EQ(answer["values"].size(), 13U);
  EXPECT_EQ(answer["values"][3]["name"], "onnx.getitem_3");
  EXPECT_LT(answer["values"][3]["absolute"], 1e-5);
  EXPECT_EQ(verify("residual_17.onnx", "residual_17.npz", 0)["matched"], 7);
}

TEST(Verify, EveryLayerOfAnExportedProgramGivesWhatPyTorchGave) {
  const json answer = verify("residual.pt2", "residual.npz", 0);
  EXPECT_EQ(answer["matched"], answer["known"]);
  EXPECT_EQ(answer["matched"], 14);
}

TEST(Verify, NamesTheFirstLayerThatDiffers) {
  const json answer = verify("wrong.onnx", "residual.npz", 1);
  EXPECT_EQ(answer["first_wrong"]["layer"], "a.0");
  EXPECT_EQ(answer["first_wrong"]["kind"], "Conv2d");
  EXPECT_GT(answer["first_wrong"]["absolute"], 1e-3);
  const Outcome text = rushlight({"verify", golden("wrong.onnx"), golden("residual.npz")});
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_THAT(text.out,
              HasSubstr("the first layer that differs is 'a.0' (Conv2d): element [0, 2, "));
  EXPECT_EQ(verify("wrong.onnx", "residual.npz", 0, {"--atol", "0.1"})["within"], true);
  const json exact = verify("residual.onnx", "residual.npz", 1, {"--atol", "0", "--rtol", "0"});
  EXPECT_EQ(exact["within"], false);
}

TEST(Verify, TakesWeightsWithTheNetThatTheyAreFor) {
  const json answer = verify("chain.pt", "chain.safetensors", 0, {"--net", golden("chain.txt")});
  EXPECT_EQ(answer["matched"], 5);
  EXPECT_EQ(answer["values"][0]["name"], "module.0");
}

TEST(Verify, ComparesOutputsWhereNoOtherNameMatches) {
  const json answer = verify("residual.onnx", "residual_17.npz", 0);
  EXPECT_EQ(answer["matched"], 0);
  EXPECT_EQ(answer["outputs"], 1);
}

TEST(Verify, SaysWhatIsNoReference) {
  const Outcome weights = rushlight({"verify", golden("residual.onnx"), golden("chain.pt")});
  EXPECT_EQ(weights.exit_code, 1);
  EXPECT_THAT(weights.err, AllOf(HasSubstr("chain.pt: expected the inputs and outputs of a run"),
                                 HasSubstr("tools/export_reference.py")));
  const TemporaryFolder folder;
  nn::StateDict two;
  for (const char* name : {"input.0", "input.1", "output.0"}) two.set(name, nn::tensor({1}));
  nn::save(folder.path() + "/two.npz", two);
  const Outcome count = rushlight({"verify", golden("residual.onnx"), folder.path() + "/two.npz"});
  EXPECT_EQ(count.exit_code, 1);
  EXPECT_THAT(count.err, HasSubstr("has 1 inputs"));
  EXPECT_EQ(rushlight({"verify", golden("residual.onnx")}).exit_code, 2);
  EXPECT_EQ(rushlight({"verify", golden("residual.onnx"), golden("residual.npz"), "--rtol", "nan"})
                .exit_code,
            2);
}

}  // namespace
