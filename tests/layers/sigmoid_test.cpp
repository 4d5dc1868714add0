#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/layers/sigmoid.h>

#include "elementwise.h"

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

TEST(Sigmoid, AgreesWithPyTorch) { expect_elementwise(nn::Sigmoid{}, "sigmoid"); }

TEST(Sigmoid, IsZeroFromWhereItsExponentialIsInfiniteInFloat) {
  const nn::Tensor y =
      nn::apply(nn::Sigmoid{}, nn::tensor({-88.72283F, -88.72284F, -100, -infinity, infinity, 0}));
  EXPECT_THAT(y.f32(), testing::ElementsAre(testing::Gt(0), 0, 0, 0, 1, 0.5));
}

}  // namespace
