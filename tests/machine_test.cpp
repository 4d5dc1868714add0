#include <cmath>
#include <gtest/gtest.h>

#include <nn/machine.h>

namespace {

// How fast a machine is no test can say.
TEST(Machine, MeasuresFiniteSpeeds) {
  for (const double rate : {nn::measure_peak_flops(), nn::measure_read_bandwidth(0),
                            nn::measure_read_bandwidth(10'000'001)}) {
    EXPECT_TRUE(std::isfinite(rate));
    EXPECT_GT(rate, 0);
  }
}

}  // namespace
