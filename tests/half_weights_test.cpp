#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>

#include "compare.h"
#include "golden.h"
#include "random.h"

// SessionOptions::weights against the net that tools/golden/half_weights.py rounds with PyTorch.
namespace {

using nn::DType;
using nn::Session;
using nn::Tensor;

const nn::Shape input_shape{4, 1, 6, 6};

// The net as it is, its matrix weights replaced by what PyTorch's .half() or .bfloat16() made.
nn::Graph net(DType rounded = DType::float32) {
  nn::Graph graph{{"0", nn::Conv2d({.in_channels = 1, .out_channels = 3, .kernel_size = 3})},
                  {"1", nn::ReLU{}},
                  {"2", nn::Conv2d({.in_channels = 3, .out_channels = 37, .kernel_size = 4})},
                  {"3", nn::ReLU{}},
                  {"4", nn::Flatten{}},
                  {"5", nn::Linear({.in_features = 37, .out_features = 21})},
                  {"6", nn::ReLU{}},
                  {"7", nn::Linear({.in_features = 21, .out_features = 5})}};
  for (auto& [name, parameter, role] : graph.parameters()) {
    const bool matrix = name.ends_with("weight") && name != "0.weight";
    parameter = golden("half_weights.pt", nn::concat(matrix ? rounded : DType::float32, ".", name));
  }
  return graph;
}

Tensor run(nn::Graph graph, nn::SessionOptions options) {
  return Session(std::move(graph), input_shape, std::move(options))(golden("half_weights.pt", "x"));
}

TEST(HalfWeights, GiveTheBitsOfTheWeightsThatPyTorchRounds) {
  for (const DType type : {DType::float16, DType::bfloat16}) {
    SCOPED_TRACE(type == DType::float16 ? "float16" : "bfloat16");
    const Tensor y = run(net(), {.weights = type});
    EXPECT_TRUE(compare::same_bits(y.f32(), run(net(type), {}).f32()));
    const Tensor exact = golden("half_weights.pt", nn::concat(type, ".y64"));
    for (std::size_t i = 0; i < y.f32().size(); ++i) {
      const double expected = exact.as<double>()[i];
      EXPECT_NEAR(double{y.f32()[i]}, expected, 1e-6 * (1 + std::abs(expected))) << i;
    }
  }
}

TEST(HalfWeights, AreOffUnlessAskedFor) {
  EXPECT_EQ(nn::SessionOptions{}.weights, DType::float32);
  const Tensor y = run(net(), {});
  EXPECT_TRUE(compare::same_bits(y.f32(), run(net(), {.weights = DType::float32}).f32()));
  EXPECT_FALSE(compare::same_bits(y.f32(), run(net(), {.weights = DType::float16}).f32()));
  EXPECT_FALSE(compare::same_bits(y.f32(), run(net(), {.weights = DType::bfloat16}).f32()));
}

nn::Graph linear(Tensor weight) {
  nn::Graph graph{{"fc", nn::Linear({.in_features = weight.shape()[1],
                                     .out_features = weight.shape()[0],
                                     .bias = false})}};
  graph.parameters()[0].parameter = std::move(weight);
  return graph;
}

// A weight as a session stores it: what 1 makes of it.
float stored(float weight, DType type) {
  const nn::Shape one{1, 1};
  Session session(linear(Tensor::from({weight}, one)), one, {.weights = type});
  return session(Tensor::from({1}, one)).item();
}

TEST(HalfWeights, AreLeftAloneWhereAFiniteOneWouldBecomeInfinite) {
  EXPECT_EQ(stored(65504, DType::float16), 65504);
  EXPECT_EQ(stored(-65519, DType::float16), -65504);  // the largest half is the nearest
  EXPECT_EQ(stored(-65520, DType::float16), -65520);
  EXPECT_EQ(stored(65520, DType::bfloat16), 65536);
  EXPECT_EQ(stored(0x1.fep127F, DType::bfloat16), 0x1.fep127F);
  EXPECT_EQ(stored(-0x1.ffp127F, DType::bfloat16), -0x1.ffp127F);

  Tensor weight = random_tensor({3, 5}, 1);
  weight.f32()[7] = 1e6F;
  const Tensor x = random_tensor({2, 5}, 2);
  const Tensor expected = Session(linear(weight), {1, 5})(x);
  EXPECT_TRUE(compare::same_bits(
      Session(linear(weight), {1, 5}, {.weights = DType::float16})(x).f32(), expected.f32()));
  EXPECT_FALSE(compare::same_bits(
      Session(linear(weight), {1, 5}, {.weights = DType::bfloat16})(x).f32(), expected.f32()));
}

TEST(HalfWeights, KeepNanAndInfinity) {
  for (const DType type : {DType::float16, DType::bfloat16}) {
    EXPECT_TRUE(std::isnan(stored(NAN, type)));
    EXPECT_EQ(stored(INFINITY, type), INFINITY);
    EXPECT_EQ(stored(-INFINITY, type), -INFINITY);
    // 0 · infinity is NaN, though a row's zeros need not meet finite weights.
    Tensor weight({40, 3});
    weight.f32()[1] = INFINITY;
    const Tensor y = Session(linear(weight), {1, 3}, {.weights = type})(Tensor({1, 3}));
    EXPECT_TRUE(std::isnan(y.f32()[0]));
    EXPECT_EQ(y.f32()[1], 0);
  }
}

TEST(HalfWeights, AreOfATypeThatCanBe) {
  EXPECT_THAT([] { Session(net(), input_shape, {.weights = DType::int8}); },
              testing::ThrowsMessage<nn::Error>(
                  "SessionOptions: weights must be float32, float16 or bfloat16, got int8"));
}

}  // namespace
