#include <bit>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <random>

#include <nn/nn.h>

#include "../compare.h"
#include "kinds.h"

namespace {

using nn::Graph;
using nn::Session;
using nn::Shape;
using nn::Tensor;
using nn::Value;

Tensor random(const Shape& shape, unsigned seed, float low = -1, float high = 1) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> values(low, high);
  Tensor tensor(shape);
  for (float& value : tensor.f32()) value = values(generator);
  return tensor;
}

void fill(Graph& graph) {
  unsigned seed = 1;
  for (auto& [name, parameter, role] : graph.parameters()) {
    if (role == nn::Role::counter) continue;
    const bool variance = name.ends_with("running_var");
    parameter = random(parameter.shape(), seed++, variance ? 0.5F : -1.0F, variance ? 2.0F : 1.0F);
  }
}

// The largest |a − b| / (1 + |b|).
double difference(const Tensor& a, const Tensor& b) {
  double largest = 0;
  for (std::size_t i = 0; i < b.f32().size(); ++i) {
    const double expected = static_cast<double>(b.f32()[i]);
    largest = std::max(
        largest, std::abs(static_cast<double>(a.f32()[i]) - expected) / (1 + std::abs(expected)));
  }
  return largest;
}

Graph conv_norm_relu() {
  Graph net{
      {"conv", nn::Conv2d({.in_channels = 2, .out_channels = 3, .kernel_size = 3, .bias = false})},
      {"norm", nn::BatchNorm2d({.num_features = 3})},
      {"relu", nn::ReLU{}}};
  fill(net);
  return net;
}

TEST(FoldBatchNorm, GoesIntoAConvolutionWithoutBias) {
  const Graph net = conv_norm_relu();
  Session plain(net, {1, 2, 7, 7}, {.passes = {}});
  Session folded(net, {1, 2, 7, 7});
  EXPECT_THAT(kinds(plain.graph()), testing::ElementsAre("Conv2d", "BatchNorm2d", "ReLU"));
  EXPECT_THAT(kinds(folded.graph()), testing::ElementsAre("Conv2d"));
  const Tensor x = random({4, 2, 7, 7}, 50);
  // 18 products a sum, in float32 on both sides: a few 2^-24 of their size.
  EXPECT_LT(difference(folded(x), plain(x)), 1e-6);
  EXPECT_THAT(kinds(net), testing::ElementsAre("Conv2d", "BatchNorm2d", "ReLU"));
}

TEST(FoldBatchNorm, GoesIntoALinearLayerOfRank2Only) {
  Graph net{{"fc", nn::Linear({.in_features = 5, .out_features = 4})},
            {"norm", nn::BatchNorm1d({.num_features = 4})}};
  fill(net);
  Session folded(net, {1, 5});
  EXPECT_THAT(kinds(folded.graph()), testing::ElementsAre("Linear"));
  const Tensor x = random({6, 5}, 51);
  EXPECT_LT(difference(folded(x), Session(net, {1, 5}, {.passes = {}})(x)), 1e-6);

  // In [N, 4, 5] the channels of the norm are dim 1 and those of the linear layer the last.
  Session cube(net, {2, 4, 5});
  EXPECT_THAT(kinds(cube.graph()), testing::ElementsAre("Linear", "BatchNorm1d"));
  const Tensor y = random({2, 4, 5}, 52);
  EXPECT_EQ(difference(cube(y), Session(net, {2, 4, 5}, {.passes = {}})(y)), 0);
}

TEST(FoldBatchNorm, LeavesAValueThatOthersReadAlone) {
  Graph net;
  const Value x = net.input("x");
  const Value y = net.add("fc", nn::Linear({.in_features = 3, .out_features = 3}), {x});
  const Value z = net.add("norm", nn::BatchNorm1d({.num_features = 3}), {y});
  net.output(net.add("sum", nn::Add{}, {y, z}));
  fill(net);
  EXPECT_THAT(kinds(Session(net, {1, 3}).graph()),
              testing::ElementsAre("Linear", "BatchNorm1d", "Add"));

  Graph both;
  const Value in = both.input("x");
  const Value seen = both.add("fc", nn::Linear({.in_features = 3, .out_features = 3}), {in});
  both.output(seen, "before");
  both.output(both.add("norm", nn::BatchNorm1d({.num_features = 3}), {seen}), "after");
  fill(both);
  EXPECT_THAT(kinds(Session(both, {1, 3}).graph()), testing::ElementsAre("Linear", "BatchNorm1d"));
}

TEST(FoldBatchNorm, LeavesAnInfiniteScaleAlone) {
  Graph net = conv_norm_relu();
  for (auto& [name, parameter, role] : net.parameters()) {
    if (name == "norm.running_var") parameter = nn::tensor({1, -1, 2});
  }
  Session session(net, {1, 2, 5, 5});
  EXPECT_THAT(kinds(session.graph()), testing::ElementsAre("Conv2d", "BatchNorm2d", "ReLU"));
  const Tensor y = session(random({1, 2, 5, 5}, 53));
  EXPECT_FALSE(std::isnan(y.f32()[0]));
  EXPECT_TRUE(std::isnan(y.f32()[9]));  // the second channel
}

template <class L>
class FuseActivation : public testing::Test {};
using Activations = testing::Types<nn::ReLU, nn::LeakyReLU, nn::GELU, nn::SiLU, nn::Sigmoid,
                                   nn::Tanh, nn::Hardswish>;
TYPED_TEST_SUITE(FuseActivation, Activations);

TYPED_TEST(FuseActivation, GivesTheSameBitsInAConvolutionAndALinearLayer) {
  Graph net{{"conv", nn::Conv2d({.in_channels = 1, .out_channels = 3, .kernel_size = 2})},
            {"act1", TypeParam{}},
            {"flatten", nn::Flatten{}},
            {"fc", nn::Linear({.in_features = 48, .out_features = 7})},
            {"act2", TypeParam{}}};
  fill(net);
  Session fused(net, {1, 1, 5, 5});
  EXPECT_THAT(kinds(fused.graph()), testing::ElementsAre("Conv2d", "Flatten", "Linear"));
  const Tensor x = random({9, 1, 5, 5}, 54, -3, 3);
  const Tensor expected = Session(net, {1, 1, 5, 5}, {.passes = {}})(x);
  const Tensor got = fused(x);
  for (std::size_t i = 0; i < expected.f32().size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(got.f32()[i]),
              std::bit_cast<std::uint32_t>(expected.f32()[i]));
  }
}

TEST(FuseActivation, TakesOneActivationAndLeavesTheNext) {
  Graph net{{"fc", nn::Linear({.in_features = 2, .out_features = 2})},
            {"tanh", nn::Tanh{}},
            {"relu", nn::ReLU{}}};
  fill(net);
  Session session(net, {1, 2});
  EXPECT_THAT(kinds(session.graph()), testing::ElementsAre("Linear", "ReLU"));
  const Tensor x = random({3, 2}, 55);
  EXPECT_EQ(difference(session(x), Session(net, {1, 2}, {.passes = {}})(x)), 0);
}

TEST(FuseActivation, LooksThroughReshapesAndPermutes) {
  Graph net{{"fc", nn::Linear({.in_features = 2, .out_features = 6})},
            {"view", nn::Reshape({.shape = {-1, 2, 3}})},
            {"turn", nn::Transpose({.dim0 = 1, .dim1 = 2})},
            {"gelu", nn::GELU{}}};
  fill(net);
  Session session(net, {1, 2});
  EXPECT_THAT(kinds(session.graph()), testing::ElementsAre("Linear", "Reshape", "Transpose"));
  const Tensor x = random({3, 2}, 55);
  EXPECT_EQ(difference(session(x), Session(net, {1, 2}, {.passes = {}})(x)), 0);
}

// A convolution of `out` channels large enough for Winograd's way, or small, ReLU and a pool.
Graph conv_relu_pool(std::int64_t out, const nn::MaxPool2d::Options& pool) {
  Graph net{{"conv", nn::Conv2d({.in_channels = 4, .out_channels = out, .kernel_size = 3})},
            {"relu", nn::ReLU{}},
            {"pool", nn::MaxPool2d(pool)}};
  fill(net);
  return net;
}

TEST(FuseMaxPool, GivesTheSameBits) {
  for (const std::int64_t out : {2, 24}) {
    for (const std::int64_t side : {4, 9, 20}) {
      const Graph net = conv_relu_pool(out, {.kernel_size = 2});
      Session fused(net, {1, 4, side, side});
      EXPECT_THAT(kinds(fused.graph()), testing::ElementsAre("Conv2d"));
      const Tensor x = random({3, 4, side, side}, 60, -1, 1);
      const Tensor expected = Session(net, {1, 4, side, side}, {.passes = {}})(x);
      EXPECT_EQ(fused.outputs(std::vector<nn::TensorSpec>{x.spec()})[0], expected.spec());
      EXPECT_TRUE(compare::same_bits(fused(x).f32(), expected.f32())) << out << " " << side;
    }
  }
}

TEST(FuseMaxPool, TakesPoolsThatHalveAlone) {
  const auto fused = [](const nn::MaxPool2d::Options& pool, std::int64_t side) {
    return kinds(Session(conv_relu_pool(2, pool), {1, 4, side, side}).graph()).size() == 1;
  };
  EXPECT_TRUE(fused({.kernel_size = 2}, 9));
  EXPECT_TRUE(fused({.kernel_size = 2, .ceil_mode = true}, 8));
  EXPECT_FALSE(fused({.kernel_size = 2, .ceil_mode = true}, 9));
  EXPECT_FALSE(fused({.kernel_size = 2, .stride = 1}, 8));
  EXPECT_FALSE(fused({.kernel_size = 3}, 8));
  EXPECT_FALSE(fused({.kernel_size = 2, .padding = 1}, 8));
  EXPECT_FALSE(fused({.kernel_size = 2, .stride = 2, .dilation = 2}, 8));

  Graph indices;
  const Value x = indices.input("x");
  const Value sums =
      indices.add("conv", nn::Conv2d({.in_channels = 1, .out_channels = 1, .kernel_size = 1}), {x});
  const std::vector<Value> both = indices.add_all(
      "pool", nn::MaxPool2d({.kernel_size = 2, .return_indices = true}), std::array{sums});
  indices.output(both[0], "y");
  indices.output(both[1], "at");
  fill(indices);
  EXPECT_EQ(Session(indices, {1, 1, 4, 4}).graph().nodes().size(), 2U);
}

// GELU falls before it rises: the largest sum does not give the largest value.
TEST(FuseMaxPool, LeavesAPoolBehindOtherActivationsAlone) {
  Graph net{{"conv", nn::Conv2d({.in_channels = 1, .out_channels = 1, .kernel_size = 1})},
            {"gelu", nn::GELU{}},
            {"pool", nn::MaxPool2d({.kernel_size = 2})}};
  fill(net);
  EXPECT_THAT(kinds(Session(net, {1, 1, 4, 4}).graph()),
              testing::ElementsAre("Conv2d", "MaxPool2d"));
}

TEST(DropIdentity, TakesDropoutAndIdentityAway) {
  Graph net{{"relu", nn::ReLU{}},
            {"dropout", nn::Dropout({.p = 0.5})},
            {"identity", nn::Identity{}},
            {"dropout2d", nn::Dropout2d({.p = 0.5})}};
  Session session(net, {1, 3});
  EXPECT_THAT(kinds(session.graph()), testing::ElementsAre("ReLU"));
  EXPECT_THAT(session(nn::tensor({{-1, 2, 3}})).f32(), testing::ElementsAre(0, 2, 3));
}

}  // namespace
