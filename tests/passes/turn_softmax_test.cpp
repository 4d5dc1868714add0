#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>

#include "../compare.h"
#include "kinds.h"

namespace {

using nn::Graph;
using nn::Permute;

nn::Tensor counted(const nn::Shape& shape) {
  nn::Tensor x(shape);
  for (std::size_t i = 0; i < x.f32().size(); ++i) x.f32()[i] = static_cast<float>(i % 7) - 3;
  return x;
}

TEST(TurnSoftmax, TransposesAroundASoftmaxBecomeItsDimension) {
  const Graph graph{{"there", Permute({.dims = {0, 2, 3, 1}})},
                    {"softmax", nn::Softmax({.dim = -1})},
                    {"back", Permute({.dims = {0, 3, 1, 2}})}};
  const nn::Tensor x = counted({2, 3, 4, 5});
  nn::Session session(graph, x.shape());
  EXPECT_THAT(kinds(session.graph()), testing::ElementsAre("Softmax"));
  EXPECT_EQ(session.graph().nodes()[0].as<nn::Softmax>()->options().dim, 1);
  nn::Session plain(graph, x.shape(), {.passes = {}});
  EXPECT_TRUE(compare::within_ulps(session(x).f32(), plain(x).f32(), 2));
}

TEST(TurnSoftmax, TwoDimensionsExchangedAndLogSoftmaxToo) {
  const Graph graph{{"there", nn::Transpose({.dim0 = 1, .dim1 = 2})},
                    {"softmax", nn::LogSoftmax({.dim = 1})},
                    {"back", nn::Transpose({.dim0 = -1, .dim1 = -2})}};
  nn::Session session(graph, {2, 3, 4});
  EXPECT_THAT(kinds(session.graph()), testing::ElementsAre("LogSoftmax"));
  EXPECT_EQ(session.graph().nodes()[0].as<nn::LogSoftmax>()->options().dim, 2);
}

TEST(TurnSoftmax, ActivationsBetweenPermutesRunWithoutThem) {
  const Graph graph{{"there", Permute({.dims = {0, 2, 3, 1}})},
                    {"relu", nn::Softsign{}},
                    {"softmax", nn::Softmax({.dim = 3})},
                    {"log", nn::Unary(nn::Unary::Op::log)},
                    {"back", Permute({.dims = {0, 3, 1, 2}})}};
  const nn::Tensor x = counted({2, 3, 4, 5});
  nn::Session session(graph, x.shape()), plain(graph, x.shape(), {.passes = {}});
  EXPECT_THAT(kinds(session.graph()), testing::ElementsAre("Softsign", "Softmax", "log"));
  EXPECT_TRUE(compare::within_ulps(session(x).f32(), plain(x).f32(), 8));
}

TEST(TurnSoftmax, OnePermuteIsLeftOfTwoThatDoNotUndoEachOther) {
  const Graph other{{"there", Permute({.dims = {0, 2, 3, 1}})},
                    {"softmax", nn::Softmax({.dim = -1})},
                    {"back", Permute({.dims = {0, 2, 3, 1}})}};
  nn::Session turned(other, {2, 3, 4, 5}), plain(other, {2, 3, 4, 5}, {.passes = {}});
  EXPECT_EQ(to_text(turned.graph()), "(softmax): Softmax(dim=1)\n(back): Permute(0, 3, 1, 2)\n");
  const nn::Tensor input = counted({2, 3, 4, 5});
  EXPECT_TRUE(compare::within_ulps(turned(input).f32(), plain(input).f32(), 2));
}

TEST(TurnSoftmax, LeavesWhatIsReadBetween) {
  Graph read;
  const nn::Value x = read.input();
  const nn::Value there = read.add("there", Permute({.dims = {0, 2, 1}}), {x});
  const nn::Value softmax = read.add("softmax", nn::Softmax({.dim = -1}), {there});
  read.output(read.add("back", Permute({.dims = {0, 2, 1}}), {softmax}));
  read.output(softmax, "between");
  EXPECT_EQ(kinds(nn::Session(read, {2, 3, 4}).graph()).size(), 3U);
}

TEST(TurnSoftmax, LeavesTransposesAroundOtherLayers) {
  const Graph graph{{"there", Permute({.dims = {0, 2, 1}})},
                    {"reshape", nn::Reshape({.shape = {-1, 2, 3, 2}})},
                    {"back", Permute({.dims = {0, 3, 1, 2}})}};
  EXPECT_EQ(kinds(nn::Session(graph, {2, 3, 4}).graph()).size(), 3U);
}

TEST(TurnSoftmax, AFirstTransposeThatOthersReadStaysForThem) {
  Graph graph;
  const nn::Value x = graph.input();
  const nn::Value there = graph.add("there", Permute({.dims = {0, 2, 1}}), {x});
  const nn::Value softmax = graph.add("softmax", nn::Softmax({.dim = -1}), {there});
  graph.output(graph.add("back", Permute({.dims = {0, 2, 1}}), {softmax}));
  graph.output(graph.add("relu", nn::ReLU{}, {there}), "other");
  EXPECT_THAT(kinds(nn::Session(graph, {2, 3, 4}).graph()),
              testing::UnorderedElementsAre("Permute", "Softmax", "ReLU"));
}

}  // namespace
