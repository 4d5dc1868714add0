#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include <nn/layers/linear.h>
#include <nn/module.h>

#include "../compare.h"
#include "../golden.h"
#include "../random.h"

namespace {

using nn::Linear;
using nn::Shape;
using nn::Tensor;
using testing::ThrowsMessage;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

Linear with_values(const Linear::Options& options) {
  Linear linear(options);
  linear.weight = random_tensor(linear.weight.shape(), 7);
  if (options.bias) linear.bias = random_tensor(linear.bias.shape(), 8);
  return linear;
}

TEST(Linear, AgreesWithPyTorch) {
  for (const std::string& name : golden_cases("linear.pt")) {
    SCOPED_TRACE(name);
    const Shape weight = golden("linear.pt", name + ".weight").shape();
    Linear linear({.in_features = weight[1], .out_features = weight[0], .bias = name != "no_bias"});
    load_golden("linear.pt", name, linear.parameters());
    const Tensor y = nn::apply(linear, golden("linear.pt", name + ".x"));
    EXPECT_EQ(y.shape(), golden("linear.pt", name + ".y").shape());
    EXPECT_TRUE(compare::within_rounding(y.f32(), golden("linear.pt", name + ".y64").as<double>(),
                                         golden("linear.pt", name + ".abs").f32()));
  }
}

TEST(Linear, AddsTheBiasToTheProducts) {
  Linear linear({.in_features = 2, .out_features = 3});
  linear.weight = nn::tensor({{1, 2}, {3, 4}, {5, 6}});
  linear.bias = nn::tensor({0.5, 0, -1});
  const Tensor y = nn::apply(linear, nn::tensor({{1, 1}, {0, 2}}));
  EXPECT_EQ(y.shape(), (Shape{2, 3}));
  EXPECT_THAT(y.f32(), testing::ElementsAre(3.5, 7, 10, 4.5, 8, 11));
}

TEST(Linear, WorksOnTheLastDimensionOfAnyRank) {
  const Linear linear = with_values({.in_features = 4, .out_features = 3});
  const Tensor x = random_tensor({2, 5, 1, 4}, 1);
  const Tensor rows = nn::apply(linear, x.view().reshaped({10, 4}));
  const Tensor y = nn::apply(linear, x);
  EXPECT_EQ(y.shape(), (Shape{2, 5, 1, 3}));
  EXPECT_TRUE(compare::same_bits(y.f32(), rows.f32()));
  const Tensor vector = nn::apply(linear, x.view().reshaped({10, 4}).rows(0, 1).reshaped({4}));
  EXPECT_EQ(vector.shape(), (Shape{3}));
  EXPECT_TRUE(compare::same_bits(vector.f32(), rows.f32().first(3)));
}

TEST(Linear, GivesARowTheSameBitsInEveryBatchAndPlace) {
  for (const std::int64_t in : {10, 83, 320, 800}) {
    const Linear linear = with_values({.in_features = in, .out_features = 50});
    const Tensor x = random_tensor({65, in}, 3);
    std::vector<Tensor> alone;
    for (std::int64_t row = 0; row < 65; ++row) {
      alone.push_back(nn::apply(linear, x.view().rows(row, 1)));
    }
    for (std::int64_t batch = 1; batch <= 65; ++batch) {
      const Tensor y = nn::apply(linear, x.view().rows(65 - batch, batch));
      for (std::int64_t row = 0; row < batch; ++row) {
        ASSERT_TRUE(compare::same_bits(y.view().rows(row, 1).f32(),
                                       alone[static_cast<std::size_t>(65 - batch + row)].f32()))
            << in << " " << batch << " " << row;
      }
    }
  }
}

TEST(Linear, LeavesTheNeighboursOfANanRowAsTheyAre) {
  const Linear linear = with_values({.in_features = 33, .out_features = 17});
  Tensor x = random_tensor({9, 33}, 3);
  const Tensor before = nn::apply(linear, x);
  x.f32()[4 * 33 + 32] = nan;
  const Tensor after = nn::apply(linear, x);
  for (std::int64_t row = 0; row < 9; ++row) {
    if (row == 4) continue;
    EXPECT_TRUE(
        compare::same_bits(after.view().rows(row, 1).f32(), before.view().rows(row, 1).f32()));
  }
  for (const float value : after.view().rows(4, 1).f32()) EXPECT_TRUE(std::isnan(value));
}

TEST(Linear, LetsNanAndInfinityTimesZeroBeNan) {
  for (const float bad : {nan, std::numeric_limits<float>::infinity()}) {
    Linear linear({.in_features = 19, .out_features = 5, .bias = false});
    linear.weight = Tensor(Shape{5, 19});  // zeros
    Tensor x(Shape{1, 19});
    x.f32()[18] = bad;
    const Tensor from_input = nn::apply(linear, x);
    for (const float value : from_input.f32()) EXPECT_TRUE(std::isnan(value));
    Tensor weight(Shape{5, 19});
    weight.f32()[19 * 2] = bad;
    linear.weight = std::move(weight);
    const Tensor y = nn::apply(linear, Tensor(Shape{1, 19}));
    for (std::size_t j = 0; j < 5; ++j) EXPECT_EQ(std::isnan(y.f32()[j]), j == 2);
  }
}

TEST(Linear, GivesTheBiasForNoInputsAndNothingForNoRows) {
  Linear linear({.in_features = 0, .out_features = 2});
  linear.weight = Tensor(Shape{2, 0});
  linear.bias = nn::tensor({1, 2});
  EXPECT_THAT(nn::apply(linear, Tensor(Shape{2, 0})).f32(), testing::ElementsAre(1, 2, 1, 2));
  const Linear three = with_values({.in_features = 3, .out_features = 2});
  EXPECT_EQ(nn::apply(three, Tensor(Shape{0, 3})).shape(), (Shape{0, 2}));
}

TEST(Linear, AppliesTheFusedActivationAfterTheBias) {
  Linear linear = with_values({.in_features = 5, .out_features = 7});
  const Tensor x = random_tensor({3, 5}, 3);
  Tensor expected = nn::apply(linear, x);
  for (float& value : expected.f32()) value = std::max(value, 0.0F);
  linear.activation.kind = nn::kernels::ActivationKind::relu;
  EXPECT_TRUE(compare::same_bits(nn::apply(linear, x).f32(), expected.f32()));
}

TEST(Linear, SaysWhatItIs) {
  Linear linear({.in_features = 3, .out_features = 4, .bias = false});
  EXPECT_EQ(linear.extra_repr(), "in_features=3, out_features=4, bias=False");
  EXPECT_EQ(linear.parameters().size(), 1U);
  EXPECT_TRUE(linear.rows_independent({2, 3}));
  EXPECT_FALSE(linear.rows_independent({3}));
}

TEST(Linear, RefusesWhatPyTorchRefusesInItsWords) {
  const Linear linear({.in_features = 5, .out_features = 4});
  const Linear no_bias({.in_features = 5, .out_features = 4, .bias = false});
  EXPECT_THAT(
      [&] {
        linear.output_shape({2, 3});
      },
      ThrowsMessage<nn::Error>("addmm: mat1 and mat2 shapes cannot be multiplied (2x3 and 5x4)"));
  EXPECT_THAT(
      [&] {
        no_bias.output_shape({2, 3});
      },
      ThrowsMessage<nn::Error>("mm: mat1 and mat2 shapes cannot be multiplied (2x3 and 5x4)"));
  EXPECT_THAT(
      [&] {
        no_bias.output_shape({2, 2, 3});
      },
      ThrowsMessage<nn::Error>("mm: mat1 and mat2 shapes cannot be multiplied (4x3 and 5x4)"));
  EXPECT_THAT(
      [&] { no_bias.output_shape({3}); },
      ThrowsMessage<nn::Error>("mm: mat1 and mat2 shapes cannot be multiplied (1x3 and 5x4)"));
  EXPECT_THAT([&] { linear.output_shape({}); },
              ThrowsMessage<nn::Error>(
                  "both arguments to linear need to be at least 1D, but they are 0D and 2D"));
  EXPECT_THAT(
      [] { Linear wrong({.in_features = -1, .out_features = 4}); },
      ThrowsMessage<nn::Error>("Trying to create tensor with negative dimension -1: [4, -1]"));
  EXPECT_THAT([] { Linear wrong({.in_features = 0, .out_features = 0}); },
              ThrowsMessage<nn::Error>("Linear: in_features and out_features must be given"));
}

TEST(Linear, CountsTheMultiplyAddsOfItsFormula) {
  const Linear linear({.in_features = 3, .out_features = 5});
  EXPECT_EQ(linear.multiply_adds({3}), 3 * 5);
  EXPECT_EQ(linear.multiply_adds({2, 7, 3}), 2 * 7 * 3 * 5);
  EXPECT_EQ(linear.multiply_adds({0, 3}), 0);
}

}  // namespace
