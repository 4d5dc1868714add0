#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include <nn/kernels/pool.h>

#include "../compare.h"
#include "../random.h"
#include "targets.h"

namespace {

using nn::kernels::PoolAxis;
using nn::kernels::PoolPlane;

PoolPlane twos(std::int64_t height, std::int64_t width) {
  const auto axis = [](std::int64_t in) {
    return PoolAxis{.in = in, .out = in / 2, .kernel = 2, .stride = 2};
  };
  return {axis(height), axis(width)};
}

// Values from 2^-30 to 2^30, so that sums are rounded in double too; zeros of both signs; NaN and
// infinities.
std::vector<float> cells(std::int64_t count) {
  const nn::Tensor random = random_tensor({count, 2}, 5);
  std::vector<float> x;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(2 * i);
    x.push_back(std::ldexp(random.f32()[at], static_cast<int>(30 * random.f32()[at + 1])));
    if (i % 7 < 4 && i % 5 != 0) x.back() = i % 3 == 0 ? 0.0F : -0.0F;
    if (i % 101 == 50) x.back() = std::numeric_limits<float>::quiet_NaN();
    if (i % 97 == 60) x.back() = std::numeric_limits<float>::infinity();
    if (i % 89 == 70) x.back() = -std::numeric_limits<float>::infinity();
  }
  return x;
}

// Calls f(planes, height, width) for rows of every number of windows, with and without a cell left
// over.
template <class F>
void for_each_size(F f) {
  for (const std::int64_t planes : {1, 3}) {
    for (const std::int64_t height : {2, 3, 6}) {
      for (std::int64_t width = 2; width < 80; ++width) f(planes, height, width);
    }
  }
}

// The largest of a window as its definition says: cell by cell, NaN beats all, the first stays.
std::vector<float> largest(const PoolPlane& plane, std::int64_t planes,
                           const std::vector<float>& x) {
  std::vector<float> y;
  for (std::int64_t p = 0; p < planes; ++p) {
    for (std::int64_t oh = 0; oh < plane.h.out; ++oh) {
      for (std::int64_t ow = 0; ow < plane.w.out; ++ow) {
        float best = -std::numeric_limits<float>::infinity();
        for (std::int64_t i = 0; i < plane.h.kernel; ++i) {
          for (std::int64_t j = 0; j < plane.w.kernel; ++j) {
            const std::int64_t h = oh * plane.h.stride - plane.h.padding + i;
            const std::int64_t w = ow * plane.w.stride - plane.w.padding + j;
            if (h < 0 || h >= plane.h.in || w < 0 || w >= plane.w.in) continue;
            const float value = x[static_cast<std::size_t>((p * plane.h.in + h) * plane.w.in + w)];
            if (value > best || std::isnan(value)) best = value;
          }
        }
        y.push_back(best);
      }
    }
  }
  return y;
}

TEST(MaxPoolRows, TakesTheFirstOfTheLargestCellsOfAnyWindow) {
  for_each_target([] {
    for (const std::int64_t kernel : {2, 3, 4, 5}) {
      for (const std::int64_t stride : {1, 2}) {
        for (std::int64_t padding = 0; padding <= kernel / 2; ++padding) {
          for (const std::int64_t width : {6, 9, 17, 33, 71}) {
            const auto axis = [&](std::int64_t in, bool up) {
              const std::int64_t room = in + 2 * padding - kernel + (up ? stride - 1 : 0);
              return PoolAxis{.in = in,
                              .out = room / stride + 1,
                              .kernel = kernel,
                              .stride = stride,
                              .padding = padding};
            };
            const PoolPlane plane{axis(7, false), axis(width, padding > 0)};
            const std::vector<float> x = cells(3 * 7 * width);
            const std::vector<float> expected = largest(plane, 3, x);
            std::vector<float> y(expected.size());
            nn::kernels::max_pool2d(plane, x, y);
            ASSERT_TRUE(compare::same_bits(y, expected))
                << kernel << " " << stride << " " << padding << " " << width;
          }
        }
      }
    }
  });
}

TEST(AvgPool2x2, AddsRowByRowAsPyTorch) {
  for_each_target([] {
    for_each_size([](std::int64_t planes, std::int64_t height, std::int64_t width) {
      const std::vector<float> x = cells(planes * height * width);
      std::vector<float> expected;
      for (std::int64_t p = 0; p < planes; ++p) {
        for (std::int64_t h = 0; h + 1 < height; h += 2) {
          for (std::int64_t w = 0; w + 1 < width; w += 2) {
            const auto at = [&](std::int64_t row, std::int64_t column) {
              return x[static_cast<std::size_t>((p * height + row) * width + column)];
            };
            const float sum = 0 + at(h, w) + at(h, w + 1) + at(h + 1, w) + at(h + 1, w + 1);
            expected.push_back(sum / 4);
          }
        }
      }
      std::vector<float> y(expected.size());
      nn::kernels::avg_pool2d(twos(height, width), {}, x, y);
      for (std::size_t i = 0; i < y.size(); ++i) {
        if (std::isnan(expected[i])) {
          ASSERT_TRUE(std::isnan(y[i]));
        } else {
          ASSERT_TRUE(compare::same_bits({&y[i], 1}, {&expected[i], 1}))
              << planes << " " << height << " " << width << " at " << i;
        }
      }
    });
  });
}

TEST(MaxPool2x2, IsWhatTheSearchForPlacesFinds) {
  for_each_target([] {
    for_each_size([](std::int64_t planes, std::int64_t height, std::int64_t width) {
      const std::vector<float> x = cells(planes * height * width);
      const auto count = static_cast<std::size_t>(planes * (height / 2) * (width / 2));
      std::vector<float> y(count), expected(count);
      std::vector<std::int64_t> places(count);
      nn::kernels::max_pool2d(twos(height, width), x, y);
      nn::kernels::max_pool2d_with_indices(twos(height, width), x, expected, places);
      ASSERT_TRUE(compare::same_bits(y, expected)) << planes << " " << height << " " << width;
    });
  });
}

TEST(Pool2x2, IsNotTakenForWindowsThatReachOut) {
  // 1 2 3
  // 4 5 6: the second window has one column, as ceil_mode leaves it.
  const PoolPlane plane{{.in = 2, .out = 1, .kernel = 2, .stride = 2},
                        {.in = 3, .out = 2, .kernel = 2, .stride = 2}};
  const std::vector<float> x = {1, 2, 3, 4, 5, 6};
  std::vector<float> y(2);
  nn::kernels::avg_pool2d(plane, {}, x, y);
  EXPECT_EQ(y, (std::vector<float>{3, 4.5}));
  nn::kernels::max_pool2d(plane, x, y);
  EXPECT_EQ(y, (std::vector<float>{5, 6}));
  // A divisor of one's own
  nn::kernels::avg_pool2d(twos(2, 3), {.divisor_override = 3}, x, std::span(y).first(1));
  EXPECT_EQ(y[0], 4);
}

TEST(AdaptiveAvgPool2d, TakesTheMeanOfAWholePlaneWithTheSameBitsOnEveryTarget) {
  for (std::int64_t side = 0; side < 20; ++side) {
    const nn::Tensor x = random_tensor({3, side, side}, 9);
    const PoolPlane plane{{.in = side, .out = 1}, {.in = side, .out = 1}};
    const auto cells_of_plane = static_cast<std::size_t>(side * side);
    std::vector<float> first;
    for_each_target([&] {
      std::vector<float> y(3);
      nn::kernels::adaptive_avg_pool2d(plane, x.f32(), y);
      if (first.empty()) first = y;
      EXPECT_TRUE(side == 0 || compare::same_bits(y, first)) << side;
      for (std::size_t p = 0; p < 3; ++p) {
        double sum = 0;
        for (const float value : x.f32().subspan(p * cells_of_plane, cells_of_plane))
          sum += double{value};
        const auto mean = static_cast<float>(sum / static_cast<double>(cells_of_plane));
        EXPECT_LE(compare::ulps(y[p], mean), 1) << side;
      }
    });
  }
}

}  // namespace
