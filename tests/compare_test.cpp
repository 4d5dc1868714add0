#include "compare.h"

#include <gtest/gtest.h>
#include <limits>
#include <vector>

namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float tiny = std::numeric_limits<float>::denorm_min();

TEST(Compare, CountsUnitsInTheLastPlaceAcrossZero) {
  EXPECT_EQ(compare::ulps(1, 1), 0);
  EXPECT_EQ(compare::ulps(1, std::nextafter(1.0F, 2.0F)), 1);
  EXPECT_EQ(compare::ulps(-0.0F, 0.0F), 0);
  EXPECT_EQ(compare::ulps(-tiny, tiny), 2);
  EXPECT_EQ(compare::ulps(nan, nan), 0);
  EXPECT_GT(compare::ulps(nan, 1), 1000);
}

TEST(Compare, TellsBitsApartAndNamesTheWorstElement) {
  const std::vector<float> a{0, 1, 2};
  EXPECT_TRUE(compare::same_bits(a, a));
  EXPECT_FALSE(compare::same_bits(std::vector<float>{-0.0F, 1, 2}, a));
  EXPECT_FALSE(compare::same_bits(std::vector<float>{0, 1}, a));
  const auto result = compare::within_ulps(std::vector<float>{0, 1.0000001F, 3}, a, 1);
  EXPECT_STREQ(result.message(), "worst at 2: got 3, expected 2 within 1 ulp, is 4194304");
  EXPECT_TRUE(compare::within_ulps(std::vector<float>{0, 1.0000001F, 2}, a, 1));
}

TEST(Compare, AllowsASumOfProductsItsRoundingOnly) {
  const std::vector<double> exact{1, 1, nan};
  const std::vector<float> magnitude{1, 1, 1};
  EXPECT_TRUE(compare::within_rounding(std::vector<float>{1, 1.0000004F, nan}, exact, magnitude));
  EXPECT_FALSE(compare::within_rounding(std::vector<float>{1, 1.000001F, nan}, exact, magnitude));
  EXPECT_FALSE(compare::within_rounding(std::vector<float>{1, nan, nan}, exact, magnitude));
  EXPECT_FALSE(compare::within_rounding(std::vector<float>{1, 1, 1}, exact, magnitude));
}

}  // namespace
