#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/nn.h>

#include "../random.h"
#include "kinds.h"

namespace {

using nn::Binary;
using nn::Graph;
using nn::Module;
using nn::Shape;
using nn::Value;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

nn::Conv2d conv() {
  nn::Conv2d layer({.in_channels = 2, .out_channels = 3, .kernel_size = 3, .bias = false});
  layer.weight = random_tensor({3, 2, 3, 3}, 1);
  return layer;
}
nn::Linear linear(bool bias) {
  nn::Linear layer({.in_features = 4, .out_features = 3, .bias = bias});
  layer.weight = random_tensor({3, 4}, 2);
  if (bias) layer.bias = random_tensor({3}, 3);
  return layer;
}

// A layer of an input [2, …] and then `more`, each with a constant of its shape on the right, or on the
// left: what runs, which gives what was written.
struct Step {
  Module layer;
  Shape constant;
  bool left = false;
};
std::vector<std::string> folded(Module first, const Shape& x, const std::vector<Step>& more) {
  Graph net;
  Value value = net.add("first", std::move(first), {net.input()});
  for (const Step& step : more) {
    const std::string name = nn::concat("step", net.nodes().size());
    if (step.constant == Shape{0}) {
      value = net.add(name, step.layer, {value});
      continue;
    }
    const Value c = net.add(name + "c", nn::Constant(random_tensor(step.constant, 7)), {});
    value =
        step.left ? net.add(name, step.layer, {c, value}) : net.add(name, step.layer, {value, c});
  }
  net.output(value);
  nn::Session session(net, x), plain(net, x, {.passes = {}});
  const nn::Tensor input = random_tensor(x, 9);
  const nn::Tensor got = session(input), expected = plain(input);
  EXPECT_EQ(got.shape(), expected.shape());
  for (std::size_t i = 0; i < got.f32().size(); ++i) {
    // At most 18 products of at most 1, whose weights are rounded once more.
    EXPECT_NEAR(got.f32()[i], expected.f32()[i], 4e-6 * (1 + std::abs(expected.f32()[i]))) << i;
  }
  std::vector<std::string> all = kinds(session.graph());
  std::erase(all, "Constant");
  return all;
}

TEST(FoldArithmetic, OneForEachChannelGoesIntoAConvolution) {
  EXPECT_THAT(folded(conv(), {2, 2, 6, 5}, {{nn::Mul{}, {3, 1, 1}}, {nn::Add{}, {1, 3, 1, 1}}}),
              ElementsAre("Conv2d"));
  EXPECT_THAT(folded(conv(), {2, 2, 6, 5},
                     {{Binary(Binary::Op::div), {3, 1, 1}},
                      {Binary(Binary::Op::sub), {3, 1, 1}, true},
                      {nn::Add({.alpha = 0.5}), {3, 1, 1}, true}}),
              ElementsAre("Conv2d"));
}

TEST(FoldArithmetic, OneNumberForAll) {
  EXPECT_THAT(folded(conv(), {2, 2, 6, 5}, {{nn::Mul{}, {}, true}, {nn::Add{}, {1, 1}}}),
              ElementsAre("Conv2d"));
}

TEST(FoldArithmetic, ASumIsTheBiasOfALinearLayer) {
  EXPECT_THAT(folded(linear(false), {2, 5, 4}, {{nn::Add{}, {3}, true}}), ElementsAre("Linear"));
  EXPECT_THAT(folded(linear(true), {2, 5, 4}, {{Binary(Binary::Op::sub), {1, 3}}}),
              ElementsAre("Linear"));
}

TEST(FoldArithmetic, PermutesAndReshapesThatKeepTheChannelsAreLookedThrough) {
  EXPECT_THAT(folded(linear(true), {2, 5, 6, 4},
                     {{nn::Permute({.dims = {0, 3, 1, 2}}), {0}}, {nn::Mul{}, {3, 1, 1}}}),
              ElementsAre("Linear", "Permute"));
  EXPECT_THAT(folded(linear(false), {2, 6, 4},
                     {{nn::Reshape({.shape = {-1, 2, 3, 3}}), {0}}, {nn::Add{}, {3}}}),
              ElementsAre("Linear", "Reshape"));
  EXPECT_THAT(folded(linear(false), {2, 6, 4},
                     {{nn::Reshape({.shape = {-1, 2, 9}}), {0}}, {nn::Add{}, {9}}}),
              ElementsAre("Linear", "Reshape", "Add"));
}

TEST(FoldArithmetic, OtherDimensionsAndOtherReadersKeepTheirArithmetic) {
  EXPECT_THAT(folded(conv(), {2, 2, 5, 5}, {{nn::Add{}, {3, 3}}}), ElementsAre("Conv2d", "Add"));
  EXPECT_THAT(folded(conv(), {2, 2, 5, 5}, {{nn::Add{}, {3}}}), ElementsAre("Conv2d", "Add"));
  EXPECT_THAT(folded(linear(true), {2, 3, 4}, {{nn::Mul{}, {3, 1}}}), ElementsAre("Linear", "Mul"));
  EXPECT_THAT(folded(linear(true), {2, 4}, {{nn::Add{}, {1, 1, 1}}}), ElementsAre("Linear", "Add"));
  EXPECT_THAT(folded(conv(), {2, 2, 5, 5}, {{nn::Softsign{}, {0}}, {nn::Mul{}, {}}}),
              ElementsAre("Conv2d", "Mul"));  // the activation is in the convolution
  Graph net;
  const Value x = net.add("fc", linear(true), {net.input()});
  const Value c = net.add("c", nn::Constant(random_tensor({3}, 1)), {});
  net.output(net.add("sum", nn::Add{}, {x, c}), "sum");
  net.output(x, "fc");
  EXPECT_THAT(kinds(nn::Session(net, {2, 4}).graph()),
              UnorderedElementsAre("Constant", "Linear", "Add"));
}

TEST(FoldArithmetic, ADivisionByZeroStays) {
  Graph net;
  const Value x = net.add("fc", linear(true), {net.input()});
  const Value c = net.add("c", nn::Constant(nn::Tensor::from({0, 1, 2}, {3})), {});
  net.output(net.add("div", Binary(Binary::Op::div), {x, c}));
  EXPECT_EQ(nn::Session(net, {2, 4}).graph().nodes().size(), 3U);
}

}  // namespace
