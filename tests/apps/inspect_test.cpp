#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <nn/io/save.h>

#include "program.h"

namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Inspect, ListsTheTensorsOfAFile) {
  const std::string file = source_path("weights/mnist_convnet.pt");
  const Outcome outcome = rushlight({"inspect", "--json", file});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json answer = json::parse(outcome.out);
  EXPECT_EQ(answer["file"], file);
  EXPECT_EQ(answer["format"], "torch.save zip");
  EXPECT_EQ(answer["model"], "mnist_convnet");
  ASSERT_EQ(answer["tensors"].size(), 8U);
  EXPECT_EQ(answer["tensors"][0]["name"], "conv1.weight");
  EXPECT_EQ(answer["tensors"][0]["dtype"], "float32");
  EXPECT_EQ(answer["tensors"][0]["shape"], (json{20, 1, 5, 5}));
  EXPECT_THAT(rushlight({"inspect", file}).out, HasSubstr("fc2.bias      float32  [10]"));
}

TEST(Inspect, TellsWhatTheValuesOfEachTensorAreLikeExactly) {
  const std::string folder = source_path("tests/golden/save/");
  const json expected = json::parse(content_of(folder + "statistics.json"));
  const Outcome outcome = rushlight({"inspect", "--json", folder + "statistics.pt"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json tensors = json::parse(outcome.out)["tensors"];
  ASSERT_EQ(tensors.size(), expected.size());
  for (const json& tensor : tensors) {
    const json& facts = expected[tensor["name"]];
    for (const char* fact : {"min", "max", "nan", "inf"}) {
      EXPECT_EQ(tensor[fact], facts[fact]) << tensor["name"] << " " << fact;
    }
    if (facts["mean"].is_null()) {
      EXPECT_TRUE(tensor["mean"].is_null()) << tensor["name"];
    } else {
      const double mean = facts["mean"];
      EXPECT_NEAR(tensor["mean"], mean, 1e-15 * std::abs(mean)) << tensor["name"];
    }
  }
  EXPECT_THAT(rushlight({"inspect", folder + "statistics.pt"}).out, HasSubstr("2 NaN, 2 infinite"));
}

TEST(Inspect, TellsWhatElseACheckpointHoldsAndWhereItsWeightsAre) {
  const std::string file = source_path("tests/golden/io/checkpoint.pt");
  const json answer = json::parse(rushlight({"inspect", "--json", file}).out);
  EXPECT_EQ(answer["weights_key"], "model_state_dict");
  EXPECT_EQ(answer["producer"], "PyTorch 2.6 or later");
  EXPECT_EQ(answer["extras"]["epoch"], "3");
  EXPECT_TRUE(answer["model"].is_null());
  EXPECT_THAT(rushlight({"inspect", file}).out,
              AllOf(HasSubstr("torch.save zip, by PyTorch 2.6 or later"),
                    HasSubstr("under 'model_state_dict'"), HasSubstr("epoch: 3")));
}

TEST(Inspect, ListsTensorsThatCannotBeReadAndSaysWhichAreTied) {
  const json others =
      json::parse(rushlight({"inspect", "--json", source_path("tests/golden/io/others.pt")}).out);
  for (const json& tensor : others["tensors"]) {
    EXPECT_EQ(tensor["unreadable"].is_null(), !tensor["min"].is_null()) << tensor["name"];
    if (tensor["name"] == "complex64") {
      EXPECT_EQ(tensor["unreadable"], "its element type is complex64");
    }
  }
  const std::string views = source_path("tests/golden/io/views.pt");
  const json tied = json::parse(rushlight({"inspect", "--json", views}).out);
  for (const json& tensor : tied["tensors"]) {
    EXPECT_EQ(tensor["tied_to"], tensor["name"] == "tied_b" ? json("tied_a") : json());
  }
  EXPECT_THAT(rushlight({"inspect", views}).out, HasSubstr("tied to tied_a"));
}

TEST(Inspect, TellsTheChainOfLayersThatWeightsOfNoKnownNetworkFit) {
  const std::string file = source_path("tests/golden/evaluate/tanh_lenet.pth");
  const json answer = json::parse(rushlight({"inspect", "--json", file}).out);
  EXPECT_TRUE(answer["model"].is_null());
  EXPECT_EQ(answer["wiring"]["input"], (json{1, 1, 28, 28}));
  EXPECT_EQ(answer["wiring"]["assumed"][1]["what"], "activation");
  EXPECT_THAT(
      rushlight({"inspect", file}).out,
      AllOf(HasSubstr("a chain of layers for [1, 1, 28, 28] fits"), HasSubstr("pool: max")));
  const Outcome none = rushlight({"inspect", source_path("tests/golden/io/views.pt")});
  EXPECT_THAT(none.out, HasSubstr("no network is known for them: no wiring fits"));
}

TEST(Inspect, EscapesControlBytesOfNames) {
  const TemporaryFolder folder;
  nn::StateDict state;
  state.set("a\x1b[2Jb", nn::tensor({1}));
  const std::string file = folder.path() + "/net.pt";
  nn::save(file, state);
  EXPECT_THAT(rushlight({"inspect", file}).out, HasSubstr("a\\x1b[2Jb"));
  EXPECT_THAT(rushlight({"inspect", "--json", file}).out, HasSubstr("a\\u001b[2Jb"));
}

TEST(Inspect, SaysWhichKernelsASessionChooses) {
  const std::string file = source_path("weights/mnist_convnet.pt");
  const Outcome outcome = rushlight({"inspect", "--kernels", "--json", file});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json layers = json::parse(outcome.out)["layers"];
  ASSERT_GE(layers.size(), 4U);
  EXPECT_EQ(layers[0]["name"], "conv1");
  EXPECT_EQ(layers[0]["kernel"], "Winograd, rows of 4");
  EXPECT_EQ(layers[1]["kernel"], "Winograd, tiles of 4 x 4");
  EXPECT_EQ(layers[1]["output"], (json{1, 50, 4, 4}));
  EXPECT_EQ(layers.back()["kind"], "LogSoftmax");
  EXPECT_TRUE(layers.back()["kernel"].is_null());
  EXPECT_THAT(rushlight({"inspect", "--kernels", file}).out, HasSubstr("packed"));
  EXPECT_FALSE(json::parse(rushlight({"inspect", "--json", file}).out).contains("layers"));
}

TEST(Inspect, PrintsNothingWhenAByteOfAWeightIsWrong) {
  const TemporaryFolder folder;
  std::string content = content_of(source_path("weights/mnist_convnet.pt"));
  content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
  const Outcome outcome = rushlight({"inspect", folder.file("flipped.pt", content)});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("checksum"));
}

}  // namespace
