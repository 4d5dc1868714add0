#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/layers/silu.h>

#include "elementwise.h"

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

TEST(SiLU, AgreesWithPyTorch) { expect_elementwise(nn::SiLU{}, "silu"); }

TEST(SiLU, SaysWhatItIs) {
  EXPECT_EQ(nn::SiLU{}.extra_repr(), "");
  EXPECT_EQ(nn::Module(nn::SiLU({.inplace = true})).extra_repr(), "inplace=True");
}

TEST(SiLU, HasPyTorchsLimits) {
  const nn::Tensor y = nn::apply(nn::SiLU{}, nn::tensor({infinity, -100, -infinity}));
  EXPECT_EQ(y.f32()[0], infinity);
  EXPECT_EQ(y.f32()[1], 0);
  EXPECT_TRUE(std::isnan(y.f32()[2]));
}

}  // namespace
