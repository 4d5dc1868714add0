#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/layers/tanh.h>

#include "elementwise.h"

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

TEST(Tanh, AgreesWithPyTorch) { expect_elementwise(nn::Tanh{}, "tanh"); }

TEST(Tanh, KeepsTinyValues) {
  const nn::Tensor y = nn::apply(nn::Tanh{}, nn::tensor({1e-45F, -1e-45F, 1e-20F, 20, -infinity}));
  EXPECT_THAT(y.f32(), testing::ElementsAre(1e-45F, -1e-45F, 1e-20F, 1, -1));
}

}  // namespace
