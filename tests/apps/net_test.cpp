#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "../io/safetensors_writer.h"
#include "program.h"

// `--net` and the options beside it.
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

const std::string picture = source_path("samples/7_ink_on_paper.png");

std::string golden(const std::string& file) { return source_path("tests/golden/evaluate/" + file); }

TEST(Net, ClassifiesWithAStrangersNetAndTellsWhatItAssumed) {
  const Outcome outcome = rushlight({"classify", "--json", "--model", golden("gelu_convnet.pth"),
                                     "--net", golden("gelu_convnet.txt"), picture});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json answer = json::parse(outcome.out);
  EXPECT_EQ(answer["label"], "7");
  ASSERT_EQ(answer["assumed"].size(), 5U);
  EXPECT_EQ(answer["assumed"][1],
            (json{{"what", "activation"},
                  {"chosen", "relu"},
                  {"alternatives", {"tanh", "sigmoid", "leaky_relu", "gelu", "silu"}}}));
  EXPECT_EQ(answer["assumed"][4], (json{{"what", "normalize"},
                                        {"chosen", "0.1307,0.3081"},
                                        {"alternatives", {"x/255", "±1", "none"}}}));
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr(": assumed activation: relu (as well possible: tanh; sigmoid;"),
                    HasSubstr(": assumed normalize: 0.1307,0.3081 (as well")));
}

TEST(Net, AssumesNothingThatItIsTold) {
  const Outcome outcome =
      rushlight({"classify", "--json", "--model", golden("tanh_lenet.pth"), "--net",
                 golden("tanh_lenet.txt"), "--activation", "tanh", "--pool", "avg", "--normalize",
                 "0.5,0.5", "--input", "1x28x28", "--without-activation", "none", picture});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json answer = json::parse(outcome.out);
  EXPECT_EQ(answer["label"], "7");
  ASSERT_EQ(answer["assumed"].size(), 1U);
  EXPECT_EQ(answer["assumed"][0]["what"], "chain");
}

TEST(Net, AssumesNothingOfAKnownNetwork) {
  const Outcome outcome = rushlight({"classify", "--json", picture});
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_EQ(json::parse(outcome.out)["assumed"], json::array());
}

TEST(Net, NormalizesAsItIsTold) {
  const auto probability = [](const std::string& how) {
    const Outcome outcome = rushlight({"classify", "--json", "--normalize", how, picture});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out)["classes"];
  };
  const json usual = json::parse(rushlight({"classify", "--json", picture}).out)["classes"];
  EXPECT_EQ(probability("0.1307,0.3081"), usual);
  EXPECT_NE(probability("x/255"), usual);
  EXPECT_EQ(probability("0,1"), probability("x/255"));
  EXPECT_EQ(probability("0.5,0.5"), probability("+-1"));
  EXPECT_EQ(probability("±1"), probability("+-1"));
  EXPECT_EQ(probability("0..255"), probability("none"));
  EXPECT_NE(probability("none"), probability("x/255"));
}

TEST(Net, TakesWhatTheCardBesideTheWeightsSays) {
  const TemporaryFolder folder;
  const std::string weights = folder.file("their.pth", content_of(golden("sigmoid_mlp.pth")));
  const auto assumed = [&] {
    const Outcome outcome = rushlight(
        {"classify", "--json", "--model", weights, "--net", golden("sigmoid_mlp.txt"), picture});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.err;
  };
  EXPECT_THAT(assumed(), HasSubstr("normalize"));
  folder.file("their.expected.json", R"({"input": {"mean": 0, "std": 1}})");
  EXPECT_THAT(assumed(), Not(HasSubstr("normalize")));
  folder.file("their.expected.json", R"({"input": {"mean": 0, "std": 0}})");
  EXPECT_THAT(assumed(), HasSubstr("normalize"));
  folder.file("their.expected.json", std::string(100'000, '['));
  EXPECT_THAT(assumed(), HasSubstr("normalize"));
}

TEST(Net, RepeatsTheGreyPictureInThreeChannelsAndPadsIt) {
  const TemporaryFolder folder;
  // The middle row of the third channel, scaled: classes are columns.
  const std::string net =
      folder.file("net.txt",
                  "Sequential(\n(0): Conv2d(3, 1, kernel_size=(1, 1), stride=(1, 1), bias=False)\n"
                  "(1): Flatten()\n(2): Linear(in_features=1024, out_features=2, bias=False)\n)\n");
  std::vector<float> values(3 + 2 * 1024, 0.0F);
  values[2] = 1;       // of the third channel
  values[3 + 1] = -1;  // the corner, which padding makes black: -0.42
  values[3 + 1024 + 1] = 1;
  const std::string header =
      json{{"0.weight", {{"dtype", "F32"}, {"shape", {1, 3, 1, 1}}, {"data_offsets", {0, 12}}}},
           {"2.weight", {{"dtype", "F32"}, {"shape", {2, 1024}}, {"data_offsets", {12, 8204}}}}}
          .dump();
  const std::string weights = folder.file(
      "colour.safetensors",
      test::safetensors(header, std::string(reinterpret_cast<const char*>(values.data()),
                                            values.size() * sizeof(float))));
  const Outcome outcome =
      rushlight({"classify", "--json", "--model", weights, "--net", net, picture});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json answer = json::parse(outcome.out);
  // softmax(0.4242, -0.4242)
  EXPECT_EQ(answer["label"], "0");
  EXPECT_NEAR(answer["probability"].get<double>(), 0.7002, 1e-4);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("assumed colour: the grey picture in all three channels"),
                    HasSubstr("assumed picture: 28x28 in the middle of 32x32 (as well")));
  const Outcome evaluated = rushlight({"evaluate", "--model", weights, "--net", net, "."});
  EXPECT_THAT(evaluated.err,
              HasSubstr("evaluate needs a network of ten classes, Sequential has 2"));
}

TEST(Net, RefusesInOneLineWhatIsNoNetForTheseWeights) {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::string& text) {
    const Outcome outcome = rushlight({"classify", "--model", golden("sigmoid_mlp.pth"), "--net",
                                       folder.file("net.txt", text), picture});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.out, IsEmpty());
    return outcome.err;
  };
  EXPECT_THAT(refusal("import torch\n"),
              AllOf(HasSubstr("net.txt: line 1: expected the text"), HasSubstr("import torch")));
  EXPECT_THAT(refusal("Net(\n(a): LSTM(28, 4)\n)"), HasSubstr("layer 'a' (LSTM): expected one of"));
  EXPECT_THAT(refusal("Net(\n(a): Linear(in_features=784, out_features=10, bias=True)\n)"),
              HasSubstr("Unexpected key(s)"));
  const Outcome small = rushlight({"classify", "--model", golden("sigmoid_mlp.pth"), "--net",
                                   golden("sigmoid_mlp.txt"), "--input", "1x56x14", picture});
  EXPECT_THAT(small.err, HasSubstr("expected a net for square pictures of 28 pixels or more"));
  const Outcome missing = rushlight({"classify", "--net", folder.path() + "/none.txt", picture});
  EXPECT_THAT(missing.err, HasSubstr("none.txt: cannot open the file"));
  EXPECT_EQ(rushlight({"classify", "--normalize", "7", picture}).exit_code, 2);
  EXPECT_EQ(rushlight({"classify", "--normalize", "0,0", picture}).exit_code, 2);
  EXPECT_EQ(rushlight({"classify", "--normalize", "nan,1", picture}).exit_code, 2);
  EXPECT_EQ(rushlight({"classify", "--input", "28x28", picture}).exit_code, 2);
  EXPECT_EQ(rushlight({"classify", "--input", "axb", picture}).exit_code, 2);
  EXPECT_THAT(rushlight({"classify", "--activation", "swish", picture}).err, HasSubstr("'swish'"));
}

TEST(Net, IsBenched) {
  const Outcome outcome =
      rushlight({"bench", "--json", "--batch", "1", "--seconds", "0.01", "--net",
                 golden("raw_convnet.txt"), golden("raw_convnet.pth")});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json answer = json::parse(outcome.out);
  EXPECT_EQ(answer["model"], "RawConvNet");
  EXPECT_EQ(answer["assumed"].size(), 6U);
}

TEST(Net, IsInspectedWithItsKernels) {
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--net", golden("raw_convnet.txt")}, {}}) {
    std::vector<std::string> arguments{"inspect", "--kernels", "--json", golden("raw_convnet.pth")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = rushlight(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const json answer = json::parse(outcome.out);
    EXPECT_TRUE(answer["model"].is_null());
    EXPECT_EQ(answer["layers"][0]["name"], "conv1");
    EXPECT_EQ(answer["layers"].back()["output"], (json{1, 10}));
    EXPECT_GE(answer["assumed"].size(), 4U);
  }
}

TEST(Net, IsInferredFromWeightsAlone) {
  const Outcome outcome =
      rushlight({"classify", "--json", "--model", golden("gelu_convnet.pth"), picture});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json answer = json::parse(outcome.out);
  EXPECT_EQ(answer["label"], "7");
  std::vector<std::string> what;
  for (const json& assumption : answer["assumed"]) what.push_back(assumption["what"]);
  EXPECT_THAT(what, IsSupersetOf({"activation", "pool", "normalize"}));
  EXPECT_THAT(outcome.err, HasSubstr("gelu_convnet.pth: assumed activation: relu (as well"));
}

TEST(Net, IsInferredWhereOptionsContradictAKnownNetwork) {
  const auto probability = [](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"classify", "--json", picture};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = rushlight(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out)["probability"].get<double>();
  };
  const double known = probability({});
  EXPECT_NEAR(probability({"--activation", "relu", "--pool", "max"}), known, 1e-6);
  EXPECT_NE(probability({"--activation", "tanh", "--pool", "max"}), known);
}

}  // namespace
