// Files that carry their graph behind `classify`, `evaluate` and `bench`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "../io/bytes.h"
#include "../io/onnx_writer.h"
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

// What PyTorch says to these: "Guard failed: input.size()[0] >= 4".
TEST(GraphModel, X12AProgramTakesNoSizesBeyondItsRanges) {
  const std::string four = golden("four_to_sixteen.pt2");
  const auto refused = [&](std::vector<std::string> arguments, const std::string& shape) {
    const Outcome outcome = rushlight(arguments);
    EXPECT_EQ(outcome.exit_code, 1) << arguments[0];
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr(four + ": input 'input': expected float32 ["));
    EXPECT_THAT(outcome.err, HasSubstr(" of 4 to 16, 1, "));
    EXPECT_THAT(outcome.err, HasSubstr(" of 28 to 40], got float32 " + shape));
  };
  refused({"classify", "--model", four, picture}, "[1, 1, 28, 28]");
  refused({"bench", "--seconds", "0", "--batch", "17", four}, "[17, 1, 28, 28]");
  refused({"bench", "--seconds", "0", "--batch", "4", "--input", "4,1,41,41", four},
          "[4, 1, 41, 41]");
  refused({"summary", "--input", "1000000,1,28,28", four}, "[1000000, 1, 28, 28]");
  EXPECT_EQ(rushlight({"summary", four}).exit_code, 0);
  EXPECT_EQ(rushlight({"bench", "--seconds", "0", "--batch", "16", four}).exit_code, 0);
}

TEST(GraphModel, AProgramForThreeRowsTakesFourPicturesInTwoRuns) {
  const std::string three = golden("up_to_three.pt2");
  const Outcome outcome = rushlight(
      {"classify", "--json", "--top", "10", "--model", three, picture, picture, picture, picture});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const json one = classify({"--model", three, picture});
  std::istringstream lines(outcome.out);
  int rows = 0;
  for (std::string line; std::getline(lines, line); ++rows) {
    EXPECT_EQ(json::parse(line)["classes"], one["classes"]);
  }
  EXPECT_EQ(rows, 4);
}

// As tf2onnx writes what Keras has: one channel, behind the others.
TEST(GraphModel, TakesGreyPicturesWithTheirChannelLast) {
  const TemporaryFolder folder;
  using namespace test::onnx;
  std::string weight;
  for (int i = 0; i < 784 * 2; ++i) weight += test::floats({i % 7 == 0 ? 0.01F : -0.005F});
  const auto net = [&](const std::vector<std::int64_t>& shape) {
    return model(Graph{{node("Flatten", {"x"}, {"f"}), node("MatMul", {"f", "w"}, {"y"})},
                       {tensor("w", 1, {784, 2}, raw(weight))},
                       {value("x", shape)},
                       {value("y", {-1, 2})}});
  };
  const std::string last = folder.file("last.onnx", net({-1, 28, 28, 1}));
  const std::string first = folder.file("first.onnx", net({-1, 1, 28, 28}));
  const json answer = classify({"--model", last, picture});
  EXPECT_EQ(answer["classes"], classify({"--model", first, picture})["classes"]);
}

TEST(GraphModel, AnInputWithoutAShapeAsksForOne) {
  const TemporaryFolder folder;
  using namespace test::onnx;
  const std::string x =
      test::protobuf::bytes(1, "x") +
      test::protobuf::bytes(2, test::protobuf::bytes(1, test::protobuf::number(1, 1)));
  const std::string file = folder.file(
      "m.onnx", model(Graph{{node("Relu", {"x"}, {"y"})}, {}, {x}, {value("y", {-1, 2})}}));
  EXPECT_THAT(rushlight({"summary", file}).err,
              HasSubstr("m.onnx: does not say the shape of its input 'x': give it with --input"));
  EXPECT_EQ(rushlight({"summary", "--input", "5,2", file}).exit_code, 0);
}

TEST(GraphModel, ABenchThatTheGraphCannotRunSaysOfWhatFileAndSize) {
  const TemporaryFolder folder;
  using namespace test::onnx;
  const std::string file =
      folder.file("row.onnx", model(Graph{{node("MatMul", {"x", "w"}, {"y"})},
                                          {tensor("w", 1, {3, 2}, raw(std::string(24, '\0')))},
                                          {value("x", {3})},
                                          {value("y", {2})}}));
  const Outcome outcome = rushlight({"bench", "--seconds", "0", "--batch", "2", file});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("row.onnx: does not take [2]: "));
}

}  // namespace
