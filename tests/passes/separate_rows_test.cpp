// Graphs that keep rows apart without having them in dim 0 throughout, and graphs that do not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>
#include <nn/passes/separate_rows.h>

#include "../compare.h"

namespace {

using nn::Graph;
using nn::Tensor;
using nn::Value;

// Are the rows of a graph of one input apart, by its version for one row?
bool apart(const Graph& graph, const nn::Shape& one_row) {
  const std::vector<nn::TensorSpec> specs{{one_row, nn::DType::float32}};
  return nn::separate_rows(graph, infer(graph, specs), {true}).has_value();
}

// What becomes of x [1, 4, 6] with the rows second, then of [4, 1, 6] with them in front.
Graph between_transposes(nn::Module layer) {
  return Graph{{"second", nn::Transpose({.dim0 = 0, .dim1 = 1})},
               {"layer", std::move(layer)},
               {"front", nn::Transpose({.dim0 = 0, .dim1 = 1})}};
}

TEST(SeparateRows, AreFollowedThroughDimensionsOfTheirOwn) {
  EXPECT_TRUE(apart(between_transposes(nn::ReLU{}), {1, 4, 6}));
  EXPECT_TRUE(apart(between_transposes(nn::Softmax({.dim = 0})), {1, 4, 6}));
  EXPECT_TRUE(apart(between_transposes(nn::Softmax({.dim = 2})), {1, 4, 6}));
  EXPECT_TRUE(apart(between_transposes(nn::Slice({.dim = 0, .start = 1})), {1, 4, 6}));
  EXPECT_TRUE(apart(between_transposes(nn::LayerNorm({.normalized_shape = {6}})), {1, 4, 6}));
}

TEST(SeparateRows, AreNotWhereALayerMixesThem) {
  EXPECT_FALSE(apart(between_transposes(nn::Softmax({.dim = 1})), {1, 4, 6}));
  EXPECT_FALSE(apart(between_transposes(nn::CumSum({.dim = 1})), {1, 4, 6}));
  EXPECT_FALSE(apart(between_transposes(nn::Slice({.dim = 1})), {1, 4, 6}));
  EXPECT_FALSE(apart(between_transposes(nn::LayerNorm({.normalized_shape = {1, 6}})), {1, 4, 6}));
  EXPECT_FALSE(apart(between_transposes(nn::BatchNorm1d({.num_features = 1})), {1, 4, 6}))
      << "each channel has weights of its own";
  EXPECT_FALSE(apart(Graph{{"sum", nn::Reduce({.dims = {0}, .keepdim = true})}}, {1, 4}));
  EXPECT_FALSE(apart(Graph{{"first", nn::Select({.dim = 0})}}, {1, 4, 6}));
  EXPECT_FALSE(
      apart(Graph{{"squeeze", nn::Squeeze{}}, {"front", nn::Unsqueeze({.dim = 0})}}, {1, 4, 6}));
  EXPECT_FALSE(apart(Graph{{"second", nn::Transpose({.dim0 = 0, .dim1 = 1})}}, {1, 4}))
      << "the output has them second";
}

TEST(SeparateRows, AreNotWhereEachMeetsEachOther) {
  Graph similarity;  // of rows: [N, 6] by [6, N]
  const Value x = similarity.input("x");
  const Value turned = similarity.add("turned", nn::Transpose({.dim0 = 0, .dim1 = 1}), {x});
  similarity.output(similarity.add("product", nn::MatMul{}, {x, turned}));
  EXPECT_FALSE(apart(similarity, {1, 6}));
  Graph sums;  // [N, 1] + [1, N]
  const Value y = sums.input("x");
  const Value flat = sums.add("turned", nn::Transpose({.dim0 = 0, .dim1 = 1}), {y});
  sums.output(sums.add("sum", nn::Add{}, {y, flat}));
  EXPECT_FALSE(apart(sums, {1, 1}));
}

// Rows before the heads, as PyTorch's attention has them, [L, N·heads, E], and behind the sequence,
// [L·N, E]: for one row both look alike.
TEST(SeparateRows, AReshapeOfOneRowGoesWhereAllThatFollowsKeepsThemApart) {
  const Graph heads{{"second", nn::Transpose({.dim0 = 0, .dim1 = 1})},  // [4, 1, 6]
                    {"heads", nn::Reshape({.shape = {4, 2, 3}})},       // [4, N·2, 3]
                    {"turn", nn::Transpose({.dim0 = 0, .dim1 = 1})},    // [N·2, 4, 3]
                    {"softmax", nn::Softmax({.dim = 1})},
                    {"apart", nn::Reshape({.shape = {1, 2, 4, 3}})},  // [N, 2, 4, 3]
                    {"back", nn::Permute({.dims = {2, 0, 1, 3}})},    // [4, N, 2, 3]
                    {"joined", nn::Reshape({.shape = {4, 6}})},       // [4·N, 6]
                    {"fc", nn::LayerNorm({.normalized_shape = {6}})},
                    {"parted", nn::Reshape({.shape = {4, 1, 6}})},  // [4, N, 6]
                    {"front", nn::Transpose({.dim0 = 0, .dim1 = 1})}};
  EXPECT_TRUE(apart(heads, {1, 4, 6}));
  const Graph mixed{{"heads", nn::Reshape({.shape = {2, 12}})},
                    {"softmax", nn::Softmax({.dim = 0})},
                    {"front", nn::Reshape({.shape = {1, 4, 6}})}};
  EXPECT_FALSE(apart(mixed, {1, 4, 6}));
}

// A lower triangle of [N, 4]: which elements stay depends on the row's number.
TEST(SeparateRows, AreNotWhereNumbersFollowHowManyThereAre) {
  Graph net;
  const Value x = net.input("x");
  const Value sizes = net.add("sizes", nn::SizesOf{}, {x});
  const auto triangle = [](std::span<const nn::Deferred::Argument> arguments) {
    Tensor mask({arguments[0].value.as<std::int64_t>()[0], 4});
    for (std::int64_t i = 0; i < mask.numel(); ++i) {
      mask.f32()[static_cast<std::size_t>(i)] = i % 4 <= i / 4 ? 1.0F : 0.0F;
    }
    return nn::Module(nn::Constant(std::make_shared<const Tensor>(std::move(mask))));
  };
  const Value mask =
      net.add("mask", nn::Deferred({.kind = "Constant", .inputs = 0, .make = triangle}), {sizes});
  net.output(net.add("masked", nn::Mul{}, {x, mask}));
  nn::Session session(net, {3, 4});
  EXPECT_FALSE(session.row_wise());
  Tensor ones({3, 4});
  std::ranges::fill(ones.f32(), 1.0F);
  EXPECT_EQ(session(ones).f32()[5], 1);
}

TEST(SeparateRows, ASessionRunsThemOneByOne) {
  const Graph net = between_transposes(nn::Softmax({.dim = 0}));
  Tensor x({5, 4, 6});
  for (std::size_t i = 0; i < x.f32().size(); ++i) x.f32()[i] = static_cast<float>(i * i % 17);
  nn::Session session(net, {2, 4, 6}, {.passes = {}, .threads = 2});
  EXPECT_TRUE(session.row_wise());
  const Tensor expected = nn::apply(nn::Softmax({.dim = 1}), x);
  EXPECT_TRUE(compare::same_bits(session(x).f32(), expected.f32()));
  EXPECT_EQ(session(x.view().rows(0, 0)).shape(), nn::Shape({0, 4, 6}));
}

}  // namespace
