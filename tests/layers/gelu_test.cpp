#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/layers/gelu.h>

#include "../error_of.h"
#include "elementwise.h"

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

TEST(GELU, AgreesWithPyTorch) {
  expect_elementwise(nn::GELU{}, "gelu");
  expect_elementwise(nn::GELU({.approximate = "tanh"}), "gelu_tanh");
}

TEST(GELU, IsExactInTheNegativeTail) {
  // x/2 erfc(-x/√2) at -10: -5 · erfc(7.0710678…) = -7.6198530e-23; 1 + erf would give 0.
  EXPECT_FLOAT_EQ(nn::apply(nn::GELU{}, nn::tensor({-10})).item(), -7.6198530e-23F);
}

TEST(GELU, HasItsLimitsAtInfinity) {
  const nn::Tensor x = nn::tensor({infinity, -infinity});
  const nn::Tensor y = nn::apply(nn::GELU{}, x);
  EXPECT_THAT(y.f32(), testing::ElementsAre(infinity, 0));
  EXPECT_TRUE(std::signbit(y.f32()[1]));
  const nn::Tensor by_tanh = nn::apply(nn::GELU({.approximate = "tanh"}), x);
  EXPECT_EQ(by_tanh.f32()[0], infinity);
  EXPECT_TRUE(std::isnan(by_tanh.f32()[1]));  // as PyTorch
}

TEST(GELU, RefusesAnotherApproximation) {
  EXPECT_EQ(error_of([] { nn::GELU({.approximate = "fast"}); }),
            "GELU: approximate argument must be either none or tanh, got 'fast'");
  EXPECT_EQ(nn::GELU{}.extra_repr(), "approximate='none'");
}

}  // namespace
