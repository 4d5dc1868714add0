#include <functional>
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

// Writes an activation as exporters take it apart.
class Net {
 public:
  Value number(float value) { return add(nn::Constant(nn::Tensor::from({value}, {})), {}); }
  Value add(nn::Module layer, std::initializer_list<Value> inputs) {
    return graph.add(nn::concat("n", graph.nodes().size()), std::move(layer), inputs);
  }
  Value plus(Value x, float value) { return add(nn::Add{}, {x, number(value)}); }
  Value times(Value x, float value) { return add(nn::Mul{}, {number(value), x}); }
  Value over(Value x, float value) { return add(Binary(Binary::Op::div), {x, number(value)}); }
  Value mul(Value a, Value b) { return add(nn::Mul{}, {a, b}); }
  Value clamp(Value x, double min, double max) {
    return add(nn::Clamp({.min = min, .max = max}), {x});
  }

  Graph graph;
};

using Make = std::function<Value(Net&, Value x)>;

// After a layer that takes no activation: what the formula has become. It gives the same.
std::vector<std::string> named(const Make& make) {
  Net net;
  const Value x = net.add(nn::Softsign{}, {net.graph.input()});
  net.graph.output(make(net, net.times(x, 9)));
  nn::Session session(net.graph, {2, 50}), plain(net.graph, {2, 50}, {.passes = {}});
  const nn::Tensor input = random_tensor({2, 50}, 5);
  const nn::Tensor got = session(input), expected = plain(input);
  for (std::size_t i = 0; i < got.f32().size(); ++i) {
    EXPECT_NEAR(got.f32()[i], expected.f32()[i], 3e-6) << i;
  }
  std::vector<std::string> all = kinds(session.graph());
  std::erase(all, "Constant");
  return {all.begin() + 2, all.end()};
}

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(NameActivations, ProductsWithAGate) {
  EXPECT_THAT(named([](Net& n, Value x) { return n.mul(x, n.add(nn::Sigmoid{}, {x})); }),
              ElementsAre("SiLU"));
  EXPECT_THAT(named([](Net& n, Value x) { return n.mul(n.add(nn::Hardsigmoid{}, {x}), x); }),
              ElementsAre("Hardswish"));
  EXPECT_THAT(named([](Net& n, Value x) {
                return n.mul(x, n.add(nn::Tanh{}, {n.add(nn::Softplus{}, {x})}));
              }),
              ElementsAre("Mish"));
}

TEST(NameActivations, HardswishAndHardsigmoidHoweverBoundedAndDivided) {
  const auto bounded = [](Net& n, Value x) {
    return n.clamp(n.clamp(n.plus(x, 3), 0, infinity), -infinity, 6);
  };
  EXPECT_THAT(named([&](Net& n, Value x) { return n.over(bounded(n, x), 6); }),
              ElementsAre("Hardsigmoid"));
  EXPECT_THAT(named([&](Net& n, Value x) { return n.over(n.mul(x, bounded(n, x)), 6); }),
              ElementsAre("Hardswish"));
  EXPECT_THAT(named([&](Net& n, Value x) { return n.mul(n.over(bounded(n, x), 6), x); }),
              ElementsAre("Hardswish"));
  EXPECT_THAT(named([&](Net& n, Value x) {
                return n.mul(n.times(n.add(nn::ReLU6{}, {n.plus(x, 3)}), 1.0F / 6), x);
              }),
              ElementsAre("Hardswish"));
}

TEST(NameActivations, GELUWhereverTheHalfStands) {
  const auto gate = [](Net& n, Value x) {
    return n.plus(n.add(nn::Unary(nn::Unary::Op::erf), {n.over(x, 1.41421356F)}), 1);
  };
  EXPECT_THAT(named([&](Net& n, Value x) { return n.times(n.mul(x, gate(n, x)), 0.5F); }),
              ElementsAre("GELU"));
  EXPECT_THAT(named([&](Net& n, Value x) { return n.mul(n.times(x, 0.5F), gate(n, x)); }),
              ElementsAre("GELU"));
  EXPECT_THAT(named([&](Net& n, Value x) { return n.mul(n.times(gate(n, x), 0.5F), x); }),
              ElementsAre("GELU"));
}

TEST(NameActivations, GELUByTanh) {
  const auto by = [](const Make& cube) {
    return named([&](Net& n, Value x) {
      const Value sum = n.add(nn::Add{}, {x, n.times(cube(n, x), 0.044715F)});
      const Value gate = n.plus(n.add(nn::Tanh{}, {n.times(sum, 0.7978845608F)}), 1);
      return n.mul(n.times(x, 0.5F), gate);
    });
  };
  EXPECT_THAT(by([](Net& n, Value x) { return n.mul(n.mul(x, x), x); }), ElementsAre("GELU"));
  EXPECT_THAT(by([](Net& n, Value x) {
                return n.add(Binary(Binary::Op::pow), {x, n.number(3)});
              }),
              ElementsAre("GELU"));
}

TEST(NameActivations, BoundsInARow) {
  EXPECT_THAT(named([](Net& n, Value x) { return n.clamp(x, 0, infinity); }), ElementsAre("ReLU"));
  EXPECT_THAT(named([](Net& n, Value x) { return n.clamp(n.add(nn::ReLU{}, {x}), -1, 4); }),
              ElementsAre("clamp"));
}

TEST(NameActivations, LeavesWhatIsNearlyOne) {
  EXPECT_EQ(
      named([](Net& n, Value x) { return n.mul(n.plus(x, 1), n.add(nn::Sigmoid{}, {x})); }).size(),
      3U);
  EXPECT_EQ(named([](Net& n, Value x) {
              return n.mul(x, n.add(nn::Sigmoid{}, {n.times(x, 1.702F)}));
            }).size(),
            3U);
  EXPECT_EQ(named([](Net& n, Value x) { return n.over(n.clamp(n.plus(x, 3), 0, 5), 6); }).size(),
            3U);
  EXPECT_EQ(named([](Net& n, Value x) {
              const Value erf = n.add(nn::Unary(nn::Unary::Op::erf), {n.over(x, 1.5F)});
              return n.times(n.mul(x, n.plus(erf, 1)), 0.5F);
            }).size(),
            5U);
}

TEST(NameActivations, AConvolutionTakesWhatCameOfIt) {
  Net net;
  nn::Conv2d conv({.in_channels = 1, .out_channels = 2, .kernel_size = 1, .bias = false});
  conv.weight = random_tensor({2, 1, 1, 1}, 1);
  const Value x = net.add(conv, {net.graph.input()});
  net.graph.output(net.mul(x, net.add(nn::Sigmoid{}, {x})));
  EXPECT_THAT(kinds(nn::Session(net.graph, {1, 1, 4, 4}).graph()), ElementsAre("Conv2d"));
}

}  // namespace
