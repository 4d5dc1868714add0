#pragma once

#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <gtest/gtest.h>
#include <span>

#include <nn/error.h>

// Comparisons of results, each naming the worst element.
//   EXPECT_TRUE(within_ulps(y.f32(), golden("relu.pt", "plain.y").f32(), 1));

namespace compare {

inline testing::AssertionResult same_count(std::size_t got, std::size_t expected) {
  if (got == expected) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "got " << got << " values, expected " << expected;
}

// Floats as integers in their order, so that neighbours differ by 1 and -0 equals 0.
inline std::int64_t rank_of(float value) {
  const auto bits = static_cast<std::int64_t>(std::bit_cast<std::int32_t>(value));
  return bits < 0 ? INT64_C(-0x80000000) - bits : bits;
}
// Units in the last place from a to b; 0 for two NaNs, huge for one.
inline std::int64_t ulps(float a, float b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) == std::isnan(b) ? 0 : INT64_MAX;
  return std::abs(rank_of(a) - rank_of(b));
}

// Equal bit for bit.
inline testing::AssertionResult same_bits(std::span<const float> got,
                                          std::span<const float> expected) {
  if (auto count = same_count(got.size(), expected.size()); !count) return count;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (std::bit_cast<std::uint32_t>(got[i]) != std::bit_cast<std::uint32_t>(expected[i])) {
      return testing::AssertionFailure()
             << "at " << i << ": got " << nn::to_text(got[i]) << ", expected exactly "
             << nn::to_text(expected[i]) << " (" << ulps(got[i], expected[i]) << " ulp)";
    }
  }
  return testing::AssertionSuccess();
}

// At most `limit` units in the last place apart; NaN where NaN is expected.
inline testing::AssertionResult within_ulps(std::span<const float> got,
                                            std::span<const float> expected, std::int64_t limit) {
  if (auto count = same_count(got.size(), expected.size()); !count) return count;
  std::size_t worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (ulps(got[i], expected[i]) > ulps(got[worst], expected[worst])) worst = i;
  }
  if (got.empty() || ulps(got[worst], expected[worst]) <= limit) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "worst at " << worst << ": got " << nn::to_text(got[worst])
                                     << ", expected " << nn::to_text(expected[worst]) << " within "
                                     << limit << " ulp, is " << ulps(got[worst], expected[worst]);
}

// |got − exact| ≤ 4 ε · magnitude, where magnitude is Σ|xᵢ wᵢ|: what a sum of products may lose to
// rounding in any order of summation of the lengths tested here.
inline testing::AssertionResult within_rounding(std::span<const float> got,
                                                std::span<const double> exact,
                                                std::span<const float> magnitude) {
  if (auto count = same_count(got.size(), exact.size()); !count) return count;
  if (auto count = same_count(magnitude.size(), exact.size()); !count) return count;
  const auto limit = [&](std::size_t i) { return 4.0 * FLT_EPSILON * double{magnitude[i]}; };
  const auto error = [&](std::size_t i) { return std::fabs(double{got[i]} - exact[i]); };
  for (std::size_t i = 0; i < got.size(); ++i) {
    const bool nan = std::isnan(got[i]) || std::isnan(exact[i]);
    if (nan ? std::isnan(got[i]) && std::isnan(exact[i]) : error(i) <= limit(i)) continue;
    return testing::AssertionFailure()
           << "at " << i << ": got " << nn::to_text(got[i]) << ", exactly " << nn::to_text(exact[i])
           << "; off by " << nn::to_text(error(i)) << ", allowed " << nn::to_text(limit(i));
  }
  return testing::AssertionSuccess();
}

}  // namespace compare
