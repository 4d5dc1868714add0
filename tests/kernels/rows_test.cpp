// Softmax and normalisation of rows on every instruction set, against plain sums in double.
#include <cmath>
#include <gtest/gtest.h>
#include <vector>

#include <nn/kernels/normalise.h>
#include <nn/kernels/softmax.h>

#include "../compare.h"
#include "targets.h"

namespace {

constexpr std::size_t sizes[] = {1, 2, 7, 8, 9, 63, 64, 65, 197, 1000};

std::vector<float> numbers(std::size_t size) {
  std::vector<float> x(size);
  for (std::size_t i = 0; i < size; ++i) x[i] = static_cast<float>(i * 37 % 101) / 7 - 6;
  return x;
}

TEST(RowsKernel, SoftmaxIsWithinTwoUlpsAndTheSameAlongAnyDimension) {
  for_each_target([] {
    for (const std::size_t size : sizes) {
      const std::vector<float> x = numbers(size);
      double sum = 0;
      for (const float value : x) sum += std::exp(double{value});
      std::vector<float> expected, y(size), spread(3 * size), columns(3 * size);
      for (const float value : x)
        expected.push_back(static_cast<float>(std::exp(double{value}) / sum));
      nn::kernels::softmax<float>({1, size, 1}, x, y);
      EXPECT_TRUE(compare::within_ulps(y, expected, 2)) << size;
      for (std::size_t i = 0; i < 3 * size; ++i) spread[i] = x[i / 3];
      nn::kernels::softmax<float>({1, size, 3}, spread, columns);
      for (std::size_t i = 0; i < 3 * size; ++i) ASSERT_EQ(columns[i], y[i / 3]) << size;
      nn::kernels::log_softmax<float>({1, size, 1}, x, y);
      for (std::size_t i = 0; i < size; ++i) {
        ASSERT_NEAR(y[i], double{x[i]} - std::log(sum), 2e-6) << size;
      }
    }
  });
}

TEST(RowsKernel, NormalisedRowsAreWithinTwoUlps) {
  for_each_target([] {
    for (const std::size_t size : sizes) {
      const std::vector<float> x = numbers(size), weight = numbers(size);
      std::vector<float> bias(size, 0.5F), y(size), expected;
      double mean = 0, squares = 0;
      for (const float value : x) mean += double{value} / static_cast<double>(size);
      for (const float value : x) squares += (value - mean) * (value - mean);
      const double inverse = 1 / std::sqrt(squares / static_cast<double>(size) + 1e-5);
      for (std::size_t i = 0; i < size; ++i) {
        expected.push_back(static_cast<float>((x[i] - mean) * inverse * weight[i] + 0.5));
      }
      nn::kernels::normalise(nn::kernels::statistics(x, 1e-5), weight, bias, x, y);
      EXPECT_TRUE(compare::within_ulps(y, expected, 2)) << size;
    }
  });
}

}  // namespace
