#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>

#include "../random.h"
#include "kinds.h"

namespace {

using nn::Graph;
using nn::Shape;
using nn::Value;
using testing::ElementsAre;

// The graph that a session of default passes runs, whose results are those of the graph as it was
// written, for as many rows as `x` and one more.
Graph prepared(const Graph& graph, const Shape& x) {
  nn::Session session(graph, x), plain(graph, x, {.passes = {}});
  for (const std::int64_t more : {0, 1}) {
    if (more == 1 && !plain.row_wise()) continue;
    const nn::Tensor input = random_tensor(x.with(0, x[0] + more), 3);
    const nn::Tensor got = session(input), expected = plain(input);
    EXPECT_EQ(got.shape(), expected.shape());
    EXPECT_TRUE(std::ranges::equal(got.f32(), expected.f32()));
  }
  return session.graph();
}

// Beside a ReLU, which stays.
Graph with_relu(nn::Module move) {
  return {{"relu", nn::ReLU{}}, {"move", std::move(move)}, {"tanh", nn::Tanh{}}};
}

TEST(DropMoves, MovesThatMoveNothingAreNotRun) {
  for (const nn::Module& move : {
           nn::Module(nn::Reshape({.shape = {-1, 3, 4, 1}})),
           nn::Module(nn::Flatten({.start_dim = 3, .end_dim = 3})),
           nn::Module(nn::Squeeze({.dims = {1, 2}})),
           nn::Module(nn::Permute({.dims = {0, 1, 2, -1}})),
           nn::Module(nn::Transpose({.dim0 = 2, .dim1 = -2})),
           nn::Module(nn::Expand({.sizes = {-1, 3, -1, 1}})),
           nn::Module(nn::Slice({.dim = 1, .start = 0, .end = 3})),
           nn::Module(nn::Slice({.dim = 0})),
           nn::Module(nn::Pad({.pad = {0, 0, 0, 0}})),
           nn::Module(nn::Cast({.dtype = nn::DType::float32})),
           nn::Module(nn::Concat({.dim = 1})),
           nn::Module(nn::AdaptiveAvgPool2d({.output_size = {4, 1}})),
           nn::Module(nn::Dropout{}),
           nn::Module(nn::Identity{}),
       }) {
    EXPECT_THAT(kinds(prepared(with_relu(move), {2, 3, 4, 1})), ElementsAre("ReLU", "Tanh"))
        << move.kind();
  }
}

TEST(DropMoves, MovesThatMoveSomethingStay) {
  for (const nn::Module& move : {
           nn::Module(nn::Reshape({.shape = {-1, 4, 3, 1}})),
           nn::Module(nn::Slice({.dim = 1, .start = 1})),
           nn::Module(nn::Slice({.dim = 1, .step = 2})),
           nn::Module(nn::Pad({.pad = {0, 1}})),
           nn::Module(nn::Expand({.sizes = {-1, -1, -1, 2}})),
           nn::Module(nn::AdaptiveAvgPool2d({.output_size = {2, 1}})),
       }) {
    EXPECT_EQ(kinds(prepared(with_relu(move), {2, 3, 4, 1})).size(), 3U) << move.kind();
  }
}

// At two rows, it takes all; at three it does not.
TEST(DropMoves, ASliceOfAsManyRowsAsThereAreStays) {
  Graph net;
  const Value x = net.input();
  const Value some = net.add("some", nn::Slice({.dim = 0, .start = 0, .end = 2}), {x});
  net.output(net.add("relu", nn::ReLU{}, {some}));
  EXPECT_THAT(kinds(prepared(net, {2, 3})), ElementsAre("Slice", "ReLU"));
  EXPECT_THAT(kinds(prepared(net, {1, 3})), ElementsAre("Slice", "ReLU"));
}

TEST(DropMoves, AnExpandToTheRowsOfAnotherInputLetsThatOneGo) {
  Graph net;
  const Value x = net.input();
  const Value other = net.add("tanh", nn::Tanh{}, {x});
  const Value same =
      net.add("expand", nn::Expand({.sizes = {1, -1}, .rows_of_input = true}), {x, other});
  net.output(net.add("relu", nn::ReLU{}, {same}));
  EXPECT_THAT(kinds(prepared(net, {2, 3})), ElementsAre("ReLU"));
}

TEST(DropMoves, OutputsAndOtherReadersGetWhatWentIn) {
  Graph net;
  const Value x = net.input();
  const Value y = net.add("relu", nn::ReLU{}, {x});
  const Value same = net.add("view", nn::Flatten{}, {y});
  net.output(same, "same");
  net.output(net.add("tanh", nn::Tanh{}, {same}), "tanh");
  nn::Session session(net, {2, 3});
  EXPECT_THAT(kinds(session.graph()), ElementsAre("ReLU", "Tanh"));
  const nn::Tensor input = random_tensor({2, 3}, 1);
  const nn::ConstTensorView views[] = {input};
  EXPECT_EQ(session(views)[0].shape(), Shape({2, 3}));
}

}  // namespace
