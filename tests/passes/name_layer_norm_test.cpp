#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>

#include "../random.h"
#include "kinds.h"

namespace {

using nn::Binary;
using nn::Graph;
using nn::Value;
using testing::ElementsAre;

struct Parts {
  std::vector<std::int64_t> dims = {-1};
  bool by_pow = true;
  nn::Shape weight = {6};
  std::vector<std::int64_t> other_dims = dims;
};

// A LayerNorm as exporters write it, of an input [2, 4, 6].
Graph written(const Parts& parts) {
  Graph net;
  const auto mean = [&](std::string name, Value x, const std::vector<std::int64_t>& dims) {
    return net.add(std::move(name),
                   nn::Reduce({.op = nn::Reduce::Op::mean, .dims = dims, .keepdim = true}), {x});
  };
  const Value x = net.add("tanh", nn::Tanh{}, {net.input()});
  const Value difference =
      net.add("sub", Binary(Binary::Op::sub), {x, mean("mean", x, parts.dims)});
  const Value two = net.add("two", nn::Constant(nn::Tensor::from({2}, {})), {});
  const Value square = parts.by_pow ? net.add("pow", Binary(Binary::Op::pow), {difference, two})
                                    : net.add("square", nn::Mul{}, {difference, difference});
  const Value eps = net.add("eps", nn::Constant(nn::Tensor::from({1e-3F}, {})), {});
  const Value sum = net.add("sum", nn::Add{}, {mean("variance", square, parts.other_dims), eps});
  const Value root = net.add("sqrt", nn::Unary(nn::Unary::Op::sqrt), {sum});
  const Value y = net.add("div", Binary(Binary::Op::div), {difference, root});
  const Value weight = net.add("w", nn::Constant(random_tensor(parts.weight, 1)), {});
  const Value scaled = net.add("weight", nn::Mul{}, {y, weight});
  const Value bias = net.add("b", nn::Constant(random_tensor(parts.weight, 2)), {});
  net.output(net.add("bias", nn::Add{}, {bias, scaled}));
  return net;
}

Graph prepared(const Graph& net) {
  nn::Session session(net, {2, 4, 6}), plain(net, {2, 4, 6}, {.passes = {}});
  const nn::Tensor x = random_tensor({3, 4, 6}, 5);
  const nn::Tensor got = session(x), expected = plain(x);
  for (std::size_t i = 0; i < got.f32().size(); ++i) {
    EXPECT_NEAR(got.f32()[i], expected.f32()[i], 2e-6) << i;
  }
  return session.graph();
}

TEST(NameLayerNorm, FindsItWithWeightAndBias) {
  const Graph graph = prepared(written({}));
  ASSERT_THAT(kinds(graph), ElementsAre("Tanh", "LayerNorm"));
  EXPECT_EQ(graph.nodes()[1].layer.extra_repr().substr(0, 16), "(6,), eps=0.0010");
  EXPECT_THAT(kinds(prepared(written({.by_pow = false}))), ElementsAre("Tanh", "LayerNorm"));
  EXPECT_THAT(kinds(prepared(written({.dims = {-2, -1}, .weight = {4, 6}}))),
              ElementsAre("Tanh", "LayerNorm"));
}

TEST(NameLayerNorm, LeavesAWeightOfAnotherShape) {
  EXPECT_THAT(kinds(prepared(written({.dims = {1, 2}}))),
              ElementsAre("Tanh", "LayerNorm", "Constant", "Mul", "Constant", "Add"));
}

TEST(NameLayerNorm, LeavesOtherDimensions) {
  EXPECT_EQ(kinds(prepared(written({.dims = {1}}))).size(), 14U);
  EXPECT_EQ(kinds(prepared(written({.dims = {-1}, .other_dims = {1, 2}}))).size(), 14U);
}

}  // namespace
