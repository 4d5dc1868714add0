#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/layers/identity.h>
#include <nn/module.h>

#include "../compare.h"
#include "../random.h"

namespace {

TEST(Identity, ReturnsItsInput) {
  const nn::Tensor x = random_tensor({2, 3, 4}, 1);
  const nn::Tensor y = nn::apply(nn::Identity{}, x);
  EXPECT_EQ(y.shape(), x.shape());
  EXPECT_TRUE(compare::same_bits(y.f32(), x.f32()));
  EXPECT_EQ(nn::apply(nn::Identity{}, nn::Tensor({0, 3})).shape(), (nn::Shape{0, 3}));
  nn::Tensor in_place = x;
  nn::Identity{}.forward(in_place, in_place);
  EXPECT_TRUE(compare::same_bits(in_place.f32(), x.f32()));
}

}  // namespace
