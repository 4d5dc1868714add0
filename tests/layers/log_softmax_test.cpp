#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/layers/log_softmax.h>

#include "../error_of.h"
#include "softmax_rows.h"

namespace {

using nn::LogSoftmax;
using nn::Tensor;

constexpr float infinity = std::numeric_limits<float>::infinity();

Tensor log_softmax(const Tensor& x, std::int64_t dim = 0) {
  return nn::apply(LogSoftmax({.dim = dim}), x);
}

// Of one row, in long double, without the cancellation that a log of a sum near 1 suffers.
std::vector<long double> exact_log_softmax(std::span<const float> x) {
  std::size_t largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) largest = x[i] > x[largest] ? i : largest;
  long double others = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (i != largest) others += std::exp(static_cast<long double>(x[i]) - x[largest]);
  }
  std::vector<long double> result;
  for (const float value : x) {
    result.push_back(static_cast<long double>(value) - x[largest] - std::log1p(others));
  }
  return result;
}

TEST(LogSoftmax, AgreesWithPyTorch) {
  for (const std::string& name : golden_cases("log_softmax.pt")) {
    SCOPED_TRACE(name);
    const Tensor x = golden("log_softmax.pt", name + ".x");
    const Tensor y = log_softmax(x, golden("log_softmax.pt", name + ".dim").as<std::int64_t>()[0]);
    EXPECT_EQ(y.shape(), x.shape());
    const Tensor exact = golden("log_softmax.pt", name + ".y64");
    for (std::size_t i = 0; i < y.f32().size(); ++i) {
      const double expected = exact.as<double>()[i];
      // Nearer to 0 float64 itself has lost digits here; the next test looks there.
      if (std::fabs(expected) > 1e-7 || std::isnan(expected)) {
        EXPECT_TRUE(softmax_rows::close(y.f32()[i], expected)) << i << ": " << y.f32()[i];
      } else {
        EXPECT_NEAR(y.f32()[i], expected, 1e-14);
      }
    }
  }
}

TEST(LogSoftmax, IsExactNearZeroWhereALogOfASumIsNot) {
  for (float gap = 0; gap < 110; gap += 0.37F) {
    for (const std::vector<float>& row :
         {std::vector<float>{gap, 0}, {0.5F, gap, -3}, {gap, gap, 0, 0}, {-gap, -7, 2}}) {
      const auto size = static_cast<std::int64_t>(row.size());
      const Tensor y = log_softmax(Tensor::from(std::span<const float>(row), {size}));
      const std::vector<long double> exact = exact_log_softmax(row);
      for (std::size_t i = 0; i < row.size(); ++i) {
        EXPECT_TRUE(softmax_rows::close(y.f32()[i], exact[i])) << gap << " " << i;
        EXPECT_FALSE(y.f32()[i] == 0 && std::signbit(y.f32()[i])) << gap << " " << i;
      }
    }
  }
}

TEST(LogSoftmax, DoesNotOverflowForLargeInputs) {
  EXPECT_THAT(log_softmax(nn::tensor({1000, 0})).f32(), testing::ElementsAre(0, -1000));
  const float largest = std::numeric_limits<float>::max();
  EXPECT_THAT(log_softmax(nn::tensor({largest, -largest})).f32(),
              testing::ElementsAre(0, -infinity));
  EXPECT_THAT(log_softmax(nn::tensor({-1e38F, -1e38F, -2e38F})).f32(),
              testing::ElementsAre(-0.6931472F, -0.6931472F, -1e38F));
}

TEST(LogSoftmax, GivesARowTheSameBitsInEveryBatchPlaceAndLayout) {
  for (const std::int64_t size : {1, 2, 3, 10, 63, 64, 65, 200}) {
    softmax_rows::expect_same_bits_everywhere<LogSoftmax>(size);
  }
  softmax_rows::expect_neighbours_kept<LogSoftmax>();
  softmax_rows::expect_rows_independent_unless_along_them<LogSoftmax>();
}

TEST(LogSoftmax, RefusesADimensionOutOfRangeAndSaysWhatItIs) {
  EXPECT_EQ(error_of([] {
              LogSoftmax({.dim = 2}).output_shape({4, 3});
            }),
            "Dimension out of range (expected to be in range of [-2, 1], but got 2)");
  EXPECT_EQ(LogSoftmax({.dim = 1}).extra_repr(), "dim=1");
}

}  // namespace
