#include <gtest/gtest.h>
#include <vector>

#include <nn/kernels/peak.h>

namespace {

TEST(Peak, SumsEveryValueOnce) {
  for (std::size_t count = 0; count <= 300; ++count) {
    std::vector<float> values(count);
    float expected = 0;
    for (std::size_t i = 0; i < count; ++i) expected += values[i] = static_cast<float>(i % 7);
    EXPECT_EQ(nn::kernels::sum(values), expected) << count;
  }
}

TEST(Peak, CountsMultiplyAddsByTheRound) {
  float result = 0;
  const std::int64_t one = nn::kernels::multiply_add_chains(1, result);
  EXPECT_GT(one, 0);
  EXPECT_EQ(nn::kernels::multiply_add_chains(100, result), 100 * one);
  EXPECT_EQ(result, 2 * static_cast<float>(one));  // each x = x / 2 + 1 ends at 2
}

}  // namespace
