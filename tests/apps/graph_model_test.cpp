// Files that carry their graph behind `classify`, `evaluate` and `bench`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.h"

namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string picture = source_path("samples/7_ink_on_paper.png");

std::string golden(const std::string& file) { return source_path("tests/golden/classify/" + file); }

json classify(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"classify", "--json"});
  const Outcome outcome = rushlight(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return json::parse(outcome.out);
}

// Pixels are the same to the bit; sums of 243 products in other orders move no probability by 1e-6.
TEST(GraphModel, APhotographIsPreparedAsTorchvisionsPresetDoes) {
  const json expected = json::parse(content_of(golden("photo.json")));
  const json answer = classify({"--model", golden("photo.onnx"), "--input", "1,3,128,128", "--top",
                                "24", golden("photo.png")});
  ASSERT_EQ(answer["classes"].size(), 24U);
  for (const json& row : answer["classes"]) {
    const auto i = std::stoul(row["label"].get<std::string>());
    EXPECT_NEAR(row["probability"].get<double>(), expected[i].get<double>(), 1e-6) << i;
  }
  ASSERT_EQ(answer["assumed"].size(), 2U);
  EXPECT_EQ(answer["assumed"][0]["chosen"], "imagenet");
  EXPECT_EQ(answer["assumed"][1]["chosen"], "shorter side 146, of that the middle 128x128");
}

TEST(GraphModel, ShowsFiveOfManyClasses) {
  const json answer = classify({"--model", golden("photo.onnx"), golden("photo.png")});
  EXPECT_EQ(answer["classes"].size(), 5U);
  EXPECT_THAT(rushlight({"classify", "--model", golden("photo.onnx"), golden("photo.png")}).out,
              HasSubstr("class  probability"));
}

TEST(GraphModel, ANetForRowsOfPixelsGivesWhatItsWeightsGive) {
  const json graph = classify({"--model", golden("digits.onnx"), "--normalize", "x/255", picture});
  const json weights = classify({"--model", golden("digits.pth"), "--net", golden("digits.txt"),
                                 "--normalize", "x/255", picture});
  ASSERT_EQ(graph["classes"].size(), 10U);
  double sum = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(graph["classes"][i]["label"], weights["classes"][i]["label"]);
    EXPECT_NEAR(graph["classes"][i]["probability"].get<double>(),
                weights["classes"][i]["probability"].get<double>(), 1e-6);
    sum += graph["classes"][i]["probability"].get<double>();
  }
  EXPECT_NEAR(sum, 1, 1e-5);  // the Softmax at the net's end is not taken twice
  EXPECT_TRUE(graph["assumed"].empty());
}

TEST(GraphModel, LogProbabilitiesAreToldFromTheLastLayer) {
  const std::string convnet = source_path("tests/golden/graphs/convnet_script_11.onnx");
  const json answer = classify({"--model", convnet, picture});
  double sum = 0;
  for (const json& row : answer["classes"]) sum += row["probability"].get<double>();
  EXPECT_NEAR(sum, 1, 1e-5);
  EXPECT_EQ(answer["assumed"][0]["what"], "normalize");
}

TEST(GraphModel, IsEvaluatedAndBenched) {
  const TemporaryFolder folder;
  const auto count = [](int n) { return std::string{0, 0, 0, static_cast<char>(n)}; };
  std::string pixels(784, '\0');
  pixels.replace(13 * 28 + 4, 20, 20, '\xff');
  folder.file("t10k-images-idx3-ubyte",
              std::string("\0\0\x08\x03", 4) + count(2) + count(28) + count(28) + pixels + pixels);
  folder.file("t10k-labels-idx1-ubyte",
              std::string("\0\0\x08\x01", 4) + count(2) + std::string("\1\7", 2));
  const Outcome outcome = rushlight({"evaluate", "--json", "--model", golden("digits.onnx"),
                                     "--normalize", "none", folder.path()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(json::parse(outcome.out)["total"], 2);
  const Outcome bench = rushlight({"bench", "--json", "--seconds", "0", "--batch", "3", "--",
                                   source_path("tests/golden/graphs/attention_script.onnx")});
  ASSERT_EQ(bench.exit_code, 0) << bench.err;
  EXPECT_EQ(json::parse(bench.out)["results"][0]["batch"], 3);
}

TEST(GraphModel, WhatIsNoClassifierIsRefusedInOneSentence) {
  const Outcome outcome =
      rushlight({"classify", "--model", source_path("tests/golden/graphs/segmentation_dynamo.onnx"),
                 picture});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err,
              HasSubstr("expected a net that gives [1, classes] for [1, 3, 224, 224]"));
}

}  // namespace
