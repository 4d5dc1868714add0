#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/layers/flatten.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../random.h"

namespace {

using nn::Flatten;
using nn::Shape;

TEST(Flatten, JoinsTheDimensionsFromStartToEnd) {
  const Shape in{2, 3, 4, 5};
  EXPECT_EQ(Flatten{}.output_shape(in), (Shape{2, 60}));
  EXPECT_EQ(Flatten({.start_dim = 0}).output_shape(in), (Shape{120}));
  EXPECT_EQ(Flatten({.start_dim = 1, .end_dim = 2}).output_shape(in), (Shape{2, 12, 5}));
  EXPECT_EQ(Flatten({.start_dim = -2, .end_dim = -2}).output_shape(in), in);
  EXPECT_EQ(Flatten{}.output_shape({0, 3, 4}), (Shape{0, 12}));
  EXPECT_EQ(Flatten({.start_dim = 0}).output_shape({}), (Shape{1}));
}

TEST(Flatten, KeepsTheValuesInOrder) {
  const nn::Tensor x = random_tensor({2, 3, 4}, 1);
  EXPECT_TRUE(compare::same_bits(nn::apply(Flatten{}, x).f32(), x.f32()));
  EXPECT_EQ(nn::apply(Flatten{}, nn::Tensor({0, 3, 4})).shape(), (Shape{0, 12}));
}

TEST(Flatten, KeepsRowsWhereItLeavesDimensionZero) {
  EXPECT_TRUE(Flatten{}.rows_independent({2, 3, 4}));
  EXPECT_FALSE(Flatten({.start_dim = 0}).rows_independent({2, 3, 4}));
  EXPECT_TRUE(Flatten({.start_dim = 0, .end_dim = 0}).rows_independent({2, 3, 4}));
  EXPECT_FALSE(Flatten({.start_dim = -1}).rows_independent({}));
}

TEST(Flatten, RefusesWhatPyTorchRefusesInItsWords) {
  EXPECT_EQ(error_of([] {
              Flatten({.start_dim = 1, .end_dim = 0}).output_shape({2, 3});
            }),
            "flatten() has invalid args: start_dim cannot come after end_dim");
  EXPECT_EQ(error_of([] { Flatten{}.output_shape({3}); }),
            "Dimension out of range (expected to be in range of [-1, 0], but got 1)");
  EXPECT_EQ(Flatten{}.extra_repr(), "start_dim=1, end_dim=-1");
}

}  // namespace
