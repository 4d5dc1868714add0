#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/layers/reshape.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../random.h"

namespace {

using nn::Reshape;
using nn::Shape;

Shape reshaped(const std::vector<std::int64_t>& shape, const Shape& in) {
  return Reshape({.shape = shape}).output_shape(in);
}

TEST(Reshape, InfersOneSize) {
  EXPECT_EQ(reshaped({-1, 800}, {2, 50, 4, 4}), (Shape{2, 800}));
  EXPECT_EQ(reshaped({3, -1, 2}, {2, 6}), (Shape{3, 2, 2}));
  EXPECT_EQ(reshaped({2, 3}, {6}), (Shape{2, 3}));
  EXPECT_EQ(reshaped({}, {1, 1}), Shape{});
  EXPECT_EQ(reshaped({-1}, {}), (Shape{1}));
  EXPECT_EQ(reshaped({-1, 4}, {0, 3}), (Shape{0, 4}));
  EXPECT_EQ(reshaped({5, 0}, {0, 3}), (Shape{5, 0}));
}

TEST(Reshape, KeepsTheValuesInOrder) {
  const nn::Tensor x = random_tensor({2, 3, 4}, 1);
  const nn::Tensor y = nn::apply(Reshape({.shape = {4, -1}}), x);
  EXPECT_EQ(y.shape(), (Shape{4, 6}));
  EXPECT_TRUE(compare::same_bits(y.f32(), x.f32()));
}

TEST(Reshape, KeepsRowsWhereTheFirstSizeIsInferredAsTheBatch) {
  EXPECT_TRUE(Reshape({.shape = {-1, 800}}).rows_independent({1, 50, 4, 4}));
  EXPECT_TRUE(Reshape({.shape = {-1, 800}}).rows_independent({0, 50, 4, 4}));
  EXPECT_FALSE(Reshape({.shape = {-1, 400}}).rows_independent({1, 50, 4, 4}));
  EXPECT_FALSE(Reshape({.shape = {1, 800}}).rows_independent({1, 50, 4, 4}));  // one row only
  EXPECT_FALSE(Reshape({.shape = {1, -1}}).rows_independent({1, 50, 4, 4}));
  EXPECT_FALSE(Reshape({.shape = {-1}}).rows_independent({}));
  EXPECT_FALSE(Reshape({.shape = {}}).rows_independent({1}));
}

TEST(Reshape, RefusesWhatPyTorchRefusesInItsWords) {
  const auto refusal = [](const std::vector<std::int64_t>& shape, const Shape& in) {
    return error_of([&] { reshaped(shape, in); });
  };
  EXPECT_EQ(refusal({4, 2}, {6}), "shape '[4, 2]' is invalid for input of size 6");
  EXPECT_EQ(refusal({-1, 4}, {6}), "shape '[-1, 4]' is invalid for input of size 6");
  EXPECT_EQ(refusal({-1, 0}, {6}), "shape '[-1, 0]' is invalid for input of size 6");
  EXPECT_EQ(refusal({}, {2}), "shape '[]' is invalid for input of size 2");
  EXPECT_EQ(refusal({std::int64_t{1} << 40, std::int64_t{1} << 40}, {6}),
            "shape '[1099511627776, 1099511627776]' is invalid for input of size 6");
  EXPECT_EQ(refusal({0, -1}, {0}),
            "cannot reshape tensor of 0 elements into shape [0, -1] because the unspecified "
            "dimension size -1 can be any value and is ambiguous");
  EXPECT_EQ(refusal({-1, -1}, {6}), "Reshape: only one dimension can be inferred");
  EXPECT_EQ(refusal({-2, 3}, {6}),
            "Reshape: invalid shape dimension -2 at index 0 of shape [-2, 3]");
  EXPECT_EQ(Reshape({.shape = {-1, 800}}).extra_repr(), "-1, 800");
}

}  // namespace
