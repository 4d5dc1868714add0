#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/layers/relu.h>

#include "elementwise.h"

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

TEST(ReLU, AgreesWithPyTorch) { expect_elementwise(nn::ReLU{}, "relu"); }

TEST(ReLU, SaysWhatItIs) {
  EXPECT_EQ(nn::ReLU{}.extra_repr(), "");
  EXPECT_EQ(nn::Module(nn::ReLU({.inplace = true})).extra_repr(), "inplace=True");
}

TEST(ReLU, KeepsNanAndTheSignOfZero) {
  const nn::Tensor y = nn::apply(nn::ReLU{}, nn::tensor({-0.0F, -1, 2, infinity, -infinity}));
  EXPECT_THAT(y.f32(), testing::ElementsAre(0, 0, 2, infinity, 0));
  EXPECT_TRUE(std::signbit(y.f32()[0]));
  EXPECT_FALSE(std::signbit(y.f32()[1]));
  EXPECT_TRUE(std::isnan(
      nn::apply(nn::ReLU{}, nn::tensor({std::numeric_limits<float>::quiet_NaN()})).item()));
}

}  // namespace
