#include <cstring>
#include <gtest/gtest.h>

#include <nn/nn.h>

#include "compare.h"
#include "random.h"

// Every batch from 1 to 300 on graphs whose dim 0 is, and is not, a batch of independent rows.
namespace {

using nn::Graph;
using nn::Session;
using nn::Tensor;

Tensor filled(const nn::Shape& shape, unsigned seed) {
  Tensor tensor(shape);
  std::uint32_t state = seed * 2654435761U + 1;
  for (float& value : tensor.f32()) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<float>(state >> 8) * 0x1p-23F - 1;
  }
  return tensor;
}

Graph with_weights(Graph net) {
  unsigned seed = 1;
  for (auto& [name, parameter, role] : net.parameters())
    parameter = filled(parameter.shape(), seed++);
  return net;
}

// Layer by layer, each on the whole tensor, without passes and blocks.
Tensor layer_by_layer(const Graph& net, const Tensor& x) {
  Tensor value = x;
  for (const nn::Node& node : net.nodes()) {
    Session whole(Graph{{node.name, node.layer}}, value.shape(),
                  {.passes = {}, .block_bytes = SIZE_MAX, .block_rows = INT64_MAX});
    value = whole(value);
  }
  return value;
}

Graph small_convnet(std::int64_t softmax_dim) {
  return with_weights(
      {{"conv", nn::Conv2d({.in_channels = 2, .out_channels = 3, .kernel_size = 3})},
       {"relu", nn::ReLU{}},
       {"pool", nn::MaxPool2d({.kernel_size = 2})},
       {"flatten", nn::Flatten{}},
       {"fc", nn::Linear({.in_features = 12, .out_features = 5})},
       {"softmax", nn::Softmax({.dim = softmax_dim})}});
}

TEST(Batch, ASoftmaxAlongDim1RunsInBlocks) {
  const Graph net = small_convnet(1);
  Session session(net, {1, 2, 6, 6});
  EXPECT_TRUE(session.row_wise());
  for (std::int64_t batch = 1; batch <= 300; ++batch) {
    const Tensor x = filled({batch, 2, 6, 6}, static_cast<unsigned>(batch));
    ASSERT_TRUE(compare::same_bits(session(x).f32(), layer_by_layer(net, x).f32())) << batch;
  }
}

TEST(Batch, ASoftmaxAlongDim0RunsWhole) {
  const Graph net = small_convnet(0);
  Session session(net, {1, 2, 6, 6});
  EXPECT_FALSE(session.row_wise());
  for (std::int64_t batch = 1; batch <= 300; ++batch) {
    const Tensor x = filled({batch, 2, 6, 6}, static_cast<unsigned>(batch));
    session.prepare({batch, 2, 6, 6});
    ASSERT_TRUE(compare::same_bits(session(x).f32(), layer_by_layer(net, x).f32())) << batch;
  }
}

TEST(Batch, AnUnbatchedInputHasChannelsNotRows) {
  for (std::int64_t channels = 1; channels <= 300; channels += 13) {
    const Graph net = with_weights(
        {{"conv",
          nn::Conv2d({.in_channels = channels, .out_channels = 2, .kernel_size = 3, .padding = 1})},
         {"relu", nn::ReLU{}},
         {"pool", nn::AvgPool2d({.kernel_size = 2})}});
    Session session(net, {channels, 6, 6});
    EXPECT_FALSE(session.row_wise());
    const Tensor x = filled({channels, 6, 6}, static_cast<unsigned>(channels));
    const Tensor y = session(x);
    EXPECT_EQ(y.shape(), nn::Shape({2, 3, 3}));
    ASSERT_TRUE(compare::same_bits(y.f32(), layer_by_layer(net, x).f32())) << channels;
  }
}

TEST(Batch, OneSessionServesSeveralImageSizesAndItsArenaOnlyGrows) {
  const Graph net = with_weights(
      {{"conv", nn::Conv2d({.in_channels = 1, .out_channels = 4, .kernel_size = 3, .padding = 1})},
       {"relu", nn::ReLU{}},
       {"pool", nn::AdaptiveAvgPool2d({.output_size = 2})},
       {"flatten", nn::Flatten{}},
       {"fc", nn::Linear({.in_features = 16, .out_features = 3})}});
  Session session(net, {1, 1, 28, 28}, {.block_rows = 2});
  const std::size_t small = session.arena_bytes();
  std::size_t largest = 0;
  for (const std::int64_t side : {28, 64, 28}) {
    session.prepare({1, 1, side, side});
    const Tensor x = filled({5, 1, side, side}, 3);
    EXPECT_TRUE(compare::same_bits(session(x).f32(), layer_by_layer(net, x).f32())) << side;
    if (side == 64) largest = session.arena_bytes();
  }
  EXPECT_GT(largest, small);
  EXPECT_EQ(session.arena_bytes(), largest);
}

TEST(Batch, ConcatAlongDim0AndAFixedReshapeRunWhole) {
  Graph stacked;
  const nn::Value x = stacked.input("x");
  const nn::Value y = stacked.add("relu", nn::ReLU{}, {x});
  stacked.output(stacked.add("cat", nn::Concat({.dim = 0}), {x, y}));
  Session session(stacked, {2, 3});
  EXPECT_FALSE(session.row_wise());
  EXPECT_EQ(session(filled({2, 3}, 5)).shape(), nn::Shape({4, 3}));

  Session folded(Graph{{"view", nn::Reshape({.shape = {3, -1}})}}, {6, 2});
  EXPECT_FALSE(folded.row_wise());
  EXPECT_EQ(folded(filled({6, 2}, 5)).shape(), nn::Shape({3, 4}));
}

TEST(Batch, AVectorAddedToEveryRowIsNoBatch) {
  Graph net;
  const nn::Value a = net.input("a");
  const nn::Value b = net.input("b");
  net.output(net.add("add", nn::Add{}, {a, b}));
  const std::vector<nn::TensorSpec> specs{{{7, 4}, nn::DType::float32}, {{4}, nn::DType::float32}};
  Session session(net, specs);
  EXPECT_TRUE(session.row_wise());
  const Tensor rows = filled({9, 4}, 1);
  const Tensor vector = filled({4}, 2);
  const std::vector<nn::ConstTensorView> inputs{rows, vector};
  EXPECT_TRUE(
      compare::same_bits(session(inputs)[0].f32(), nn::functional::add(rows, vector).f32()));

  // Four rows and a vector of four: what looks like a batch is none.
  const std::vector<nn::TensorSpec> square{{{4, 4}, nn::DType::float32}, {{4}, nn::DType::float32}};
  session.prepare(square);
  const Tensor four = filled({4, 4}, 3);
  const std::vector<nn::ConstTensorView> both{four, vector};
  EXPECT_TRUE(compare::same_bits(session(both)[0].f32(), nn::functional::add(four, vector).f32()));
}

}  // namespace
