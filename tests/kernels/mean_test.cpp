#include <cmath>
#include <gtest/gtest.h>
#include <vector>

#include <nn/kernels/mean.h>

#include "../compare.h"
#include "../random.h"
#include "targets.h"

namespace {

TEST(Means, OfRowsAndColumnsAreTheirNaiveTwinsOnEveryTarget) {
  for_each_target([] {
    for (const std::int64_t rows : {1, 7, 49}) {
      for (const std::int64_t columns : {1, 5, 8, 15, 40, 101}) {
        const nn::Tensor x = random_tensor({2, rows, columns}, 1);
        std::vector<float> expected, y(static_cast<std::size_t>(2 * columns));
        for (std::int64_t i = 0; i < 2 * columns; ++i) {
          double sum = 0;
          for (std::int64_t row = 0; row < rows; ++row) {
            sum += double{x.f32()[static_cast<std::size_t>((i / columns * rows + row) * columns +
                                                           i % columns)]};
          }
          expected.push_back(static_cast<float>(sum / static_cast<double>(rows)));
        }
        nn::kernels::column_means(2, rows, columns, x.f32().data(), y.data());
        ASSERT_TRUE(compare::same_bits(y, expected)) << rows << " " << columns;
        if (columns != 1) continue;
        nn::kernels::row_means(2, rows, x.f32().data(), y.data());
        ASSERT_TRUE(compare::within_ulps(y, expected, 1)) << rows;
      }
    }
    float y = 0;
    nn::kernels::column_means(1, 0, 1, nullptr, &y);
    EXPECT_TRUE(std::isnan(y));
  });
}

}  // namespace
