// Gather, GatherND, TopK and Tile: elements by index, and again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/layers/gather.h>
#include <nn/layers/gather_nd.h>
#include <nn/layers/tile.h>
#include <nn/layers/top_k.h>
#include <nn/module.h>

#include "../error_of.h"

namespace {

using nn::Shape;
using nn::Tensor;
using testing::ElementsAre;

Tensor indices(std::initializer_list<std::int64_t> values, const Shape& shape) {
  return Tensor::from(std::span<const std::int64_t>(values.begin(), values.size()), shape);
}

const Tensor six = nn::tensor({{1, 2, 3}, {4, 5, 6}});

TEST(Gather, TakesAnElementForEachIndex) {
  // torch.gather(x, 1, tensor([[2, 0], [-1, 1]])), where -1 counts from the end
  const Tensor y = nn::apply(nn::Gather({.dim = 1}), {six, indices({2, 0, -1, 1}, {2, 2})});
  EXPECT_EQ(y.shape(), Shape({2, 2}));
  EXPECT_THAT(y.f32(), ElementsAre(3, 1, 6, 5));
  EXPECT_THAT(nn::apply(nn::Gather({.dim = 0}), {six, indices({1, 0, 1}, {1, 3})}).f32(),
              ElementsAre(4, 2, 6));
}

TEST(Gather, RefusesIndicesThatAreNotThere) {
  EXPECT_EQ(error_of([] {
              nn::apply(nn::Gather({.dim = 1}), {six, indices({3}, {1, 1})});
            }),
            "index 3 is out of bounds for dimension 1 with size 3");
  EXPECT_THAT(error_of([] {
                nn::apply(nn::Gather({.dim = 1}), {six, indices({0, 0, 0}, {3, 1})});
              }),
              testing::HasSubstr("to be no larger than self [2, 3] apart from dimension 1"));
}

TEST(GatherND, TakesASliceForEachTuple) {
  EXPECT_THAT(nn::apply(nn::GatherND{}, {six, indices({1, 0, 0, -1}, {2, 2})}).f32(),
              ElementsAre(4, 3));
  EXPECT_THAT(nn::apply(nn::GatherND{}, {six, indices({1}, {1, 1})}).f32(), ElementsAre(4, 5, 6));
  const Tensor y = nn::apply(nn::GatherND({.batch_dims = 1}), {six, indices({2, 0}, {2, 1})});
  EXPECT_EQ(y.shape(), Shape({2}));
  EXPECT_THAT(y.f32(), ElementsAre(3, 4));
}

TEST(GatherND, RefusesTuplesThatAreNotThere) {
  EXPECT_EQ(error_of([] {
              nn::apply(nn::GatherND{}, {six, indices({0, 3}, {1, 2})});
            }),
            "index 3 is out of bounds for dimension 1 with size 3");
  EXPECT_THAT(error_of([] {
                nn::apply(nn::GatherND{}, {six, indices({0, 0, 0}, {1, 3})});
              }),
              testing::HasSubstr("tuples of 3, expected 1 to 2"));
}

TEST(TopK, GivesTheLargestFirstAndTheFirstOfEqualOnes) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = nn::tensor({1, 3, nan, 3, 2});
  const auto top = [&](bool largest) {
    return nn::apply(nn::TopK({.k = 3, .largest = largest}), std::vector<nn::ConstTensorView>{x});
  };
  EXPECT_THAT(top(true)[0].f32(), ElementsAre(testing::IsNan(), 3, 3));
  EXPECT_THAT(top(true)[1].as<std::int64_t>(), ElementsAre(2, 1, 3));
  EXPECT_THAT(top(false)[0].f32(), ElementsAre(1, 2, 3));
  EXPECT_THAT(top(false)[1].as<std::int64_t>(), ElementsAre(0, 4, 1));
}

TEST(TopK, GoesAlongAnyDimension) {
  const auto y = nn::apply(nn::TopK({.k = 1, .dim = 0}), std::vector<nn::ConstTensorView>{six});
  EXPECT_EQ(y[0].shape(), Shape({1, 3}));
  EXPECT_THAT(y[0].f32(), ElementsAre(4, 5, 6));
  EXPECT_THAT(
      error_of([] { nn::apply(nn::TopK({.k = 4}), std::vector<nn::ConstTensorView>{six}); }),
      testing::HasSubstr("selected index k out of range"));
}

TEST(Tile, RepeatsAlongEachDimension) {
  const Tensor y = nn::apply(nn::Tile({.repeats = {2, 2}}), nn::tensor({{1, 2}}));
  EXPECT_EQ(y.shape(), Shape({2, 4}));
  EXPECT_THAT(y.f32(), ElementsAre(1, 2, 1, 2, 1, 2, 1, 2));
  EXPECT_EQ(nn::apply(nn::Tile({.repeats = {2, 1, 3}}), six).shape(), Shape({2, 2, 9}));
  EXPECT_EQ(nn::apply(nn::Tile({.repeats = {1, 0}}), six).shape(), Shape({2, 0}));
  EXPECT_THAT(error_of([] { nn::apply(nn::Tile({.repeats = {2}}), six); }),
              testing::HasSubstr("can not be smaller than number of dimensions of tensor"));
}

}  // namespace
