#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/nn.h>

namespace {

using nn::DType;
using nn::Graph;
using nn::StateDict;
using nn::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StrEq;
using testing::ThrowsMessage;

Graph net() { return {{"fc", nn::Linear({.in_features = 3, .out_features = 2})}}; }

StateDict weights() {
  StateDict dict;
  dict.set("fc.weight", nn::tensor({{1, 2, 3}, {4, 5, 6}}));
  dict.set("fc.bias", nn::tensor({7, 8}));
  return dict;
}

TEST(Load, FillsEveryParameter) {
  Graph graph = net();
  const nn::LoadReport report = nn::load(graph, weights());
  EXPECT_THAT(report.matched, ElementsAre("fc.weight", "fc.bias"));
  EXPECT_THAT(graph.parameters()[0].parameter.f32(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(graph.parameters()[1].parameter.f32(), ElementsAre(7, 8));
}

TEST(Load, ReportsEveryProblemAtOnceInPyTorchsWordsAndChangesNothing) {
  Graph graph = net();
  StateDict dict;
  dict.set("fc.weight", Tensor({2, 2}));
  dict.set("x", Tensor({1}));
  dict.set("y", Tensor({1}));
  EXPECT_THAT(
      [&] { nn::load(graph, dict); },
      ThrowsMessage<nn::Error>(StrEq(
          "(in memory): Error(s) in loading state_dict:"
          "\n\tMissing key(s) in state_dict: \"fc.bias\". "
          "\n\tUnexpected key(s) in state_dict: \"x\", \"y\". "
          "\n\tsize mismatch for fc.weight: copying a param with shape torch.Size([2, 2]) from "
          "checkpoint, the shape in current model is torch.Size([2, 3])."
          // Ours:
          "\n\t'fc' is Linear(in_features=2, out_features=2, bias=False) in the file, "
          "Linear(in_features=3, out_features=2, bias=True) in the graph."
          "\n\tthe file has no bias for 'fc': bias=False there.")));
  EXPECT_FALSE(graph.parameters()[0].parameter.has_value());
}

TEST(Load, WhenNotStrictTakesWhatMatchesByName) {
  Graph graph = net();
  StateDict dict = weights();
  dict.set("x", Tensor({1}));
  const nn::LoadReport report = nn::load(graph, dict, {.strict = false});
  EXPECT_THAT(report.unexpected, ElementsAre("x"));
  EXPECT_TRUE(graph.parameters()[0].parameter.has_value());
  dict.set("fc.bias", Tensor({3}));
  EXPECT_THAT([&] { nn::load(graph, dict, {.strict = false}); },
              ThrowsMessage<nn::Error>(HasSubstr("size mismatch for fc.bias")));
}

TEST(Load, ConvertsHalfFloatsExactly) {
  Graph graph = net();
  StateDict dict = weights();
  dict.set("fc.weight", nn::to(nn::tensor({{1, -2.5, 65504}, {0x1p-24F, 0, 3}}), DType::float16));
  dict.set("fc.bias", nn::to(nn::tensor({1.5, -0.25}), DType::bfloat16));
  nn::load(graph, dict);
  EXPECT_THAT(graph.parameters()[0].parameter.f32(), ElementsAre(1, -2.5, 65504, 0x1p-24F, 0, 3));
  EXPECT_THAT(graph.parameters()[1].parameter.f32(), ElementsAre(1.5, -0.25));
}

TEST(Load, RefusesWhatFloat32CannotHoldUnlessRoundingIsAllowed) {
  Graph graph = net();
  StateDict dict = weights();
  const std::vector<double> values{0.5, 0.1};
  dict.set("fc.bias", Tensor::from(std::span<const double>(values), {2}));
  EXPECT_THAT([&] { nn::load(graph, dict); },
              ThrowsMessage<nn::Error>(
                  StrEq("(in memory): tensor 'fc.bias' is float64 and 1 of its 2 values are not "
                        "exact in float32: "
                        "allow rounding to load it as PyTorch would, or save it as float32")));
  nn::load(graph, dict, {.allow_rounding = true});
  EXPECT_THAT(graph.parameters()[1].parameter.f32(), ElementsAre(0.5F, 0.1F));
}

TEST(Load, TakesDoublesAndIntegersThatAreExact) {
  Graph graph = net();
  StateDict dict = weights();
  const std::vector<std::int64_t> integers{1 << 24, -3};
  dict.set("fc.bias", Tensor::from(std::span<const std::int64_t>(integers), {2}));
  const std::vector<double> doubles{1,   -0.0, 0.25, std::numeric_limits<double>::infinity(),
                                    NAN, -7};
  dict.set("fc.weight", Tensor::from(std::span<const double>(doubles), {2, 3}));
  nn::load(graph, dict);
  EXPECT_THAT(graph.parameters()[1].parameter.f32(), ElementsAre(16777216, -3));
  EXPECT_TRUE(std::signbit(graph.parameters()[0].parameter.f32()[1]));
  EXPECT_TRUE(std::isnan(graph.parameters()[0].parameter.f32()[4]));

  const std::vector<std::int64_t> inexact{(1 << 24) + 1, std::numeric_limits<std::int64_t>::max()};
  dict.set("fc.bias", Tensor::from(std::span<const std::int64_t>(inexact), {2}));
  EXPECT_THAT([&] { nn::load(graph, dict); },
              ThrowsMessage<nn::Error>(
                  HasSubstr("is int64 and 2 of its 2 values are not exact in float32")));
}

TEST(Load, TakesFloatsOf8BitsAndUnsignedIntegersThatAreExact) {
  Graph graph = net();
  StateDict dict = weights();
  dict.set("fc.weight",
           nn::to(nn::tensor({{1, -2.5, 448}, {0x1p-9F, 0, 3}}), DType::float8_e4m3fn));
  dict.set("fc.bias", nn::to(nn::tensor({65535, 3}), DType::uint16));
  nn::load(graph, dict);
  EXPECT_THAT(graph.parameters()[0].parameter.f32(), ElementsAre(1, -2.5, 448, 0x1p-9F, 0, 3));
  EXPECT_THAT(graph.parameters()[1].parameter.f32(), ElementsAre(65535, 3));

  const std::vector<std::uint32_t> large{(1U << 24) + 1, ~0U};
  dict.set("fc.bias", Tensor::from(std::span<const std::uint32_t>(large), {2}));
  EXPECT_THAT([&] { nn::load(graph, dict); },
              ThrowsMessage<nn::Error>(
                  HasSubstr("is uint32 and 2 of its 2 values are not exact in float32")));
  const std::vector<std::uint64_t> larger{std::uint64_t{1} << 63, ~std::uint64_t{0}};
  dict.set("fc.bias", Tensor::from(std::span<const std::uint64_t>(larger), {2}));
  EXPECT_THAT([&] { nn::load(graph, dict); },
              ThrowsMessage<nn::Error>(
                  HasSubstr("is uint64 and 1 of its 2 values are not exact in float32")));
}

TEST(Load, DoesWithoutTheCounterOfOldBatchNorms) {
  Graph graph{{"bn", nn::BatchNorm2d({.num_features = 1})}};
  StateDict dict;
  for (const char* name : {"bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"}) {
    dict.set(name, nn::tensor({1}));
  }
  EXPECT_TRUE(nn::load(graph, dict).missing.empty());
  dict.set("bn.num_batches_tracked", Tensor(nn::Shape(), DType::int64));
  EXPECT_TRUE(nn::load(graph, dict).unexpected.empty());
}

}  // namespace
