#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>

#include "../random.h"
#include "kinds.h"

namespace {

using nn::Graph;
using nn::Permute;
using nn::Reshape;
using nn::Value;
using testing::ElementsAre;

// The graph as it runs, after it gave what the graph as written gives, at two numbers of rows.
Graph prepared(const Graph& graph, const nn::Shape& x) {
  nn::Session session(graph, x), plain(graph, x, {.passes = {}});
  EXPECT_TRUE(session.row_wise());
  for (const std::int64_t rows : {x[0], x[0] + 3}) {
    const nn::Tensor input = random_tensor(x.with(0, rows), 3);
    const nn::Tensor got = session(input), expected = plain(input);
    EXPECT_EQ(got.shape(), expected.shape());
    EXPECT_TRUE(std::ranges::equal(got.f32(), expected.f32()));
  }
  return session.graph();
}

TEST(JoinMoves, TwoPermutesAreOne) {
  const Graph graph = prepared(
      {{"a", Permute({.dims = {0, 2, 3, 1}})}, {"b", nn::Transpose({.dim0 = 1, .dim1 = 2})}},
      {2, 3, 4, 5});
  ASSERT_THAT(kinds(graph), ElementsAre("Permute"));
  EXPECT_EQ(graph.nodes()[0].layer.extra_repr(), "0, 3, 2, 1");
}

TEST(JoinMoves, APermuteAndItsInverseAreNone) {
  EXPECT_THAT(kinds(prepared({{"there", Permute({.dims = {0, 2, 3, 1}})},
                              {"back", Permute({.dims = {0, 3, 1, 2}})},
                              {"relu", nn::ReLU{}}},
                             {2, 3, 4, 5})),
              ElementsAre("ReLU"));
}

TEST(JoinMoves, ReshapesAreOneForAnyNumberOfRows) {
  const Graph graph = prepared({{"flat", nn::Flatten{}},
                                {"new", nn::Unsqueeze({.dim = 1})},
                                {"view", Reshape({.shape = {-1, 6, 2, 1}})},
                                {"gone", nn::Squeeze({.dims = {3}})}},
                               {2, 3, 4});
  EXPECT_EQ(to_text(graph), "(gone): Reshape(-1, 6, 2)\n");
}

TEST(JoinMoves, APermuteOfSizesOfOneIsAReshape) {
  const Graph graph =
      prepared({{"there", Permute({.dims = {0, 3, 1, 2}})}, {"relu", nn::ReLU{}}}, {2, 3, 4, 1});
  EXPECT_EQ(to_text(graph), "(there): Reshape(-1, 1, 3, 4)\n(relu): ReLU()\n");
}

// With one row a transpose of the first two dimensions moves nothing, with two it does.
TEST(JoinMoves, ADimensionOfRowsIsNotOne) {
  Graph net;
  const Value x = net.input();
  const Value turned = net.add("turn", nn::Transpose({.dim0 = 0, .dim1 = 1}), {x});
  net.output(net.add("sum", nn::Reduce({.op = nn::Reduce::Op::sum, .dims = {0}}), {turned}));
  EXPECT_THAT(kinds(nn::Session(net, {1, 4, 3}).graph()), ElementsAre("Transpose", "sum"));
}

TEST(JoinMoves, AFirstPermuteThatOthersReadStaysForThem) {
  Graph net;
  const Value x = net.input();
  const Value a = net.add("a", Permute({.dims = {0, 2, 3, 1}}), {x});
  net.output(net.add("b", Permute({.dims = {0, 2, 1, 3}}), {a}), "b");
  net.output(net.add("relu", nn::ReLU{}, {a}), "relu");
  nn::Session session(net, {2, 3, 4, 5});
  EXPECT_EQ(session.graph().find("b")->layer.extra_repr(), "0, 3, 2, 1");
  EXPECT_EQ(session.graph().find("b")->inputs[0], x);
}

}  // namespace
