#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/layers/leaky_relu.h>

#include "elementwise.h"

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

TEST(LeakyReLU, AgreesWithPyTorch) {
  expect_elementwise(nn::LeakyReLU{}, "leaky_relu");
  expect_elementwise(nn::LeakyReLU({.negative_slope = 0.25}), "leaky_relu_steep");
}

TEST(LeakyReLU, SaysWhatItIs) {
  EXPECT_EQ(nn::LeakyReLU({.negative_slope = 0.2}).extra_repr(), "negative_slope=0.2");
  EXPECT_EQ(nn::LeakyReLU({.inplace = true}).extra_repr(), "negative_slope=0.01, inplace=True");
  EXPECT_EQ(nn::LeakyReLU{}.activation().negative_slope, 0.01F);
}

TEST(LeakyReLU, TakesTheSlopeBelowZeroOnly) {
  const nn::Tensor y =
      nn::apply(nn::LeakyReLU({.negative_slope = 2}), nn::tensor({-infinity, -3, -0.0F, 0, 3}));
  EXPECT_THAT(y.f32(), testing::ElementsAre(-infinity, -6, 0, 0, 3));
  EXPECT_TRUE(std::signbit(y.f32()[2]));
}

}  // namespace
