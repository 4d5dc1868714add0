#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include <nn/kernels/epilogue.h>
#include <nn/kernels/magnitude.h>

#include "../compare.h"
#include "../random.h"
#include "targets.h"

namespace {

using nn::kernels::Clamp;

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

// A window keeps its first value until a larger one or NaN comes.
std::vector<float> naive(const nn::Tensor& sums, std::int64_t height, std::int64_t width,
                         float bias, Clamp clamp, bool pool) {
  const std::int64_t stride = sums.shape()[1];
  const std::int64_t step = pool ? 2 : 1;
  std::vector<float> y;
  for (std::int64_t h = 0; h + step <= height; h += step) {
    for (std::int64_t v = 0; v + step <= width; v += step) {
      float largest = -std::numeric_limits<float>::infinity();
      for (std::int64_t i = 0; i < step; ++i) {
        for (std::int64_t j = 0; j < step; ++j) {
          const float value = sums.f32()[index((h + i) * stride + v + j)];
          if (value > largest || std::isnan(value)) largest = value;
        }
      }
      largest += bias;
      y.push_back(nn::kernels::clamped(largest, clamp));
    }
  }
  return y;
}

TEST(FinishPlane, IsItsNaiveTwinForEveryWidthOnEveryTarget) {
  for_each_target([] {
    for (std::int64_t width = 1; width <= 70; ++width) {
      for (const std::int64_t beyond : {0, 3}) {
        for (const bool pool : {false, true}) {
          const std::int64_t height = 1 + width % 5;
          nn::Tensor sums =
              random_tensor({height, width + beyond}, static_cast<std::uint32_t>(width));
          sums.f32()[index(width / 2)] = std::numeric_limits<float>::quiet_NaN();
          const Clamp clamp = width % 2 == 0 ? Clamp{-0.1F, 0.3F} : Clamp{};
          const std::vector<float> expected = naive(sums, height, width, 0.25F, clamp, pool);
          std::vector<float> y(expected.size() + 1, 7.0F);
          nn::kernels::finish_plane(sums.f32().data(), width + beyond, height, width, 0.25F, clamp,
                                    pool, y.data());
          EXPECT_EQ(y.back(), 7.0F);
          y.pop_back();
          ASSERT_TRUE(compare::within_ulps(y, expected, 0)) << width << " " << pool;
        }
      }
    }
  });
}

TEST(FinishColumnPairs, IsFinishPlaneWithAPoolForEveryWidthOnEveryTarget) {
  for_each_target([] {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    for (std::int64_t width = 2; width <= 70; ++width) {
      const std::int64_t height = 2 + width % 5, windows = width / 2, stride = windows + width % 3;
      nn::Tensor sums = random_tensor({height, width}, static_cast<std::uint32_t>(width));
      sums.f32()[index(width / 2)] = nan;
      std::vector<float> pairs(index(height * stride), nan);
      for (std::int64_t h = 0; h < height; ++h) {
        for (std::int64_t v = 0; v < windows; ++v) {
          const float left = sums.f32()[index(h * width + 2 * v)];
          const float right = sums.f32()[index(h * width + 2 * v + 1)];
          pairs[index(h * stride + v)] = right > left || std::isnan(right) ? right : left;
        }
      }
      const Clamp clamp = width % 2 == 0 ? Clamp{-0.1F, 0.3F} : Clamp{};
      const std::vector<float> expected = naive(sums, height, width, 0.25F, clamp, true);
      std::vector<float> y(expected.size() + 1, 7.0F);
      nn::kernels::finish_column_pairs(pairs.data(), stride, height / 2, windows, 0.25F, clamp,
                                       y.data());
      EXPECT_EQ(y.back(), 7.0F);
      y.pop_back();
      ASSERT_TRUE(compare::within_ulps(y, expected, 0)) << width;
    }
  });
}

TEST(Within, ComparesMagnitudesAndRefusesNan) {
  std::vector<float> x(37, -2.0F);
  EXPECT_TRUE(nn::kernels::within(x, 2));
  EXPECT_FALSE(nn::kernels::within(x, 1.999F));
  EXPECT_TRUE(nn::kernels::within({}, 0));
  for (const std::size_t at : {0U, 20U, 36U}) {
    x[at] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_FALSE(nn::kernels::within(x, std::numeric_limits<float>::max()));
    x[at] = -std::numeric_limits<float>::infinity();
    EXPECT_FALSE(nn::kernels::within(x, std::numeric_limits<float>::max()));
    x[at] = 1;
  }
}

}  // namespace
