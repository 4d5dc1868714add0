#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/layers/avg_pool2d.h>
#include <nn/layers/max_pool2d.h>
#include <nn/layers/pool.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../random.h"

namespace {

using nn::Pool;
using nn::Shape;
using nn::Tensor;
using testing::ElementsAre;

Pool::Options line(Pool::Op op, std::int64_t kernel, std::int64_t stride, std::int64_t before,
                   std::int64_t behind, std::int64_t dilation = 1) {
  return {.op = op,
          .kernel_size = {kernel},
          .stride = {stride},
          .before = {before},
          .behind = {behind},
          .dilation = {dilation}};
}

const Tensor numbers = Tensor::from({1, -2, 3, 4, -5, 6}, {1, 1, 6});

TEST(Pool, PadsEachSideForItself) {
  EXPECT_THAT(nn::apply(Pool(line(Pool::Op::max, 3, 2, 2, 0)), numbers).f32(),
              ElementsAre(1, 3, 4));
  EXPECT_THAT(nn::apply(Pool(line(Pool::Op::max, 3, 2, 0, 2)), numbers).f32(),
              ElementsAre(3, 4, 6));
}

TEST(Pool, LeavesCellsOutByDilation) {
  // 1 and 3, -2 and 4, 3 and -5, 4 and 6
  EXPECT_THAT(nn::apply(Pool(line(Pool::Op::max, 2, 1, 0, 0, 2)), numbers).f32(),
              ElementsAre(3, 4, 3, 6));
  EXPECT_THAT(nn::apply(Pool(line(Pool::Op::average, 2, 1, 0, 0, 2)), numbers).f32(),
              ElementsAre(2, 1, -1, 5));
}

TEST(Pool, DividesByTheCellsThatCount) {
  Pool::Options options = line(Pool::Op::average, 3, 3, 1, 0);
  EXPECT_THAT(nn::apply(Pool(options), numbers).f32(), ElementsAre(-0.5F, 2.0F / 3));
  options.count_include_pad = true;
  EXPECT_THAT(nn::apply(Pool(options), numbers).f32(), ElementsAre(-1.0F / 3, 2.0F / 3));
  options.ceil_mode = true;  // the last window has one cell and two that are nowhere
  EXPECT_THAT(nn::apply(Pool(options), numbers).f32(), ElementsAre(-1.0F / 3, 2.0F / 3, 6));
}

TEST(Pool, TakesThePthRootOfPowers) {
  Pool::Options options = line(Pool::Op::lp, 2, 2, 0, 0);
  options.p = 1;
  EXPECT_THAT(nn::apply(Pool(options), numbers).f32(), ElementsAre(3, 7, 11));
  options.p = 2;
  EXPECT_THAT(nn::apply(Pool(options), numbers).f32(),
              ElementsAre(std::sqrt(5.0F), 5, std::sqrt(61.0F)));
}

TEST(Pool, KeepsNaNAndPadsWithLessThanEverything) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = Tensor::from({-5, nan, -7}, {1, 1, 3});
  const Tensor y = nn::apply(Pool(line(Pool::Op::max, 2, 1, 1, 1)), x);
  EXPECT_THAT(y.f32(), ElementsAre(-5, testing::IsNan(), testing::IsNan(), -7));
}

TEST(Pool, GivesWhatMaxPool2dAndAvgPool2dGive) {
  const Tensor x = random_tensor({2, 3, 9, 8}, 5);
  for (const bool ceil : {false, true}) {
    Pool::Options options{.op = Pool::Op::max,
                          .kernel_size = {3, 2},
                          .stride = {2, 3},
                          .before = {1, 1},
                          .behind = {1, 1},
                          .dilation = {1, 1},
                          .ceil_mode = ceil};
    const nn::MaxPool2d max(
        {.kernel_size = {3, 2}, .stride = {2, 3}, .padding = 1, .ceil_mode = ceil});
    const Tensor most = nn::apply(Pool(options), x);
    EXPECT_EQ(most.shape(), nn::apply(max, x).shape());
    EXPECT_TRUE(compare::same_bits(most.f32(), nn::apply(max, x).f32()));
    options.op = Pool::Op::average;
    options.count_include_pad = true;
    const nn::AvgPool2d mean(
        {.kernel_size = {3, 2}, .stride = {2, 3}, .padding = 1, .ceil_mode = ceil});
    EXPECT_TRUE(compare::same_bits(nn::apply(Pool(options), x).f32(), nn::apply(mean, x).f32()));
  }
}

TEST(Pool, RefusesWindowsThatDoNotFit) {
  EXPECT_EQ(error_of([] { nn::apply(Pool(line(Pool::Op::max, 9, 1, 1, 1)), numbers); }),
            "kernel_size 9 with dilation 1 does not fit dimension 2 of the padded input [1, 1, 6]");
  EXPECT_THAT(error_of([] { Pool(line(Pool::Op::max, 2, 0, 0, 0)); }),
              testing::HasSubstr("stride or dilation is 0"));
}

}  // namespace
