#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/layers/avg_pool2d.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"
#include "../random.h"

namespace {

using nn::AvgPool2d;
using nn::Shape;
using nn::Tensor;
using testing::ElementsAre;

AvgPool2d from_golden(const std::string& name) {
  const Tensor stored = golden("avg_pool2d.pt", name + ".arguments");
  const Tensor more = golden("avg_pool2d.pt", name + ".more");
  const auto a = stored.as<std::int64_t>();
  AvgPool2d::Options options{.kernel_size = {a[0], a[1]},
                             .stride = {a[2], a[3]},
                             .padding = {a[4], a[5]},
                             .ceil_mode = a[8] != 0,
                             .count_include_pad = more.as<std::int64_t>()[0] != 0};
  if (more.as<std::int64_t>()[1] != 0) options.divisor_override = more.as<std::int64_t>()[1];
  return AvgPool2d(options);
}

TEST(AvgPool2d, AgreesWithPyTorch) {
  for (const std::string& name : golden_cases("avg_pool2d.pt")) {
    SCOPED_TRACE(name);
    const Tensor y = nn::apply(from_golden(name), golden("avg_pool2d.pt", name + ".x"));
    const Tensor expected = golden("avg_pool2d.pt", name + ".y");
    EXPECT_EQ(y.shape(), expected.shape());
    if (name == "special") {
      EXPECT_TRUE(compare::within_ulps(y.f32(), expected.f32(), 2));
      continue;
    }
    Tensor magnitude = golden("avg_pool2d.pt", name + ".abs");
    for (float& value : magnitude.f32()) value = std::fabs(value);  // a divisor may be negative
    EXPECT_TRUE(compare::within_rounding(
        y.f32(), golden("avg_pool2d.pt", name + ".y64").as<double>(), magnitude.f32()));
  }
}

TEST(AvgPool2d, TakesTheMeanOfEachWindow) {
  const Tensor x = Tensor::from({1, 2, 3, 4,  //
                                 5, 6, 7, 8},
                                {1, 2, 4});
  EXPECT_THAT(nn::apply(AvgPool2d({.kernel_size = 2}), x).f32(),
              ElementsAre(3.5, 5.5));  // 14/4, 22/4
  EXPECT_THAT(nn::apply(AvgPool2d({.kernel_size = 2, .divisor_override = 1}), x).f32(),
              ElementsAre(14, 22));
}

TEST(AvgPool2d, CountsThePaddingButNothingBeyondIt) {
  const Tensor ones = Tensor::from({1, 1, 1, 1}, {1, 1, 4});
  const auto pooled = [&](bool count_include_pad) {
    return nn::apply(AvgPool2d({.kernel_size = {1, 3},
                                .stride = {1, 2},
                                .padding = {0, 1},
                                .ceil_mode = true,
                                .count_include_pad = count_include_pad}),
                     ones);
  };
  EXPECT_THAT(pooled(true).f32(), ElementsAre(2.0F / 3, 1, 0.5));
  EXPECT_THAT(pooled(false).f32(), ElementsAre(1, 1, 1));
}

TEST(AvgPool2d, LeavesNeighbouringImagesAsTheyAre) {
  const AvgPool2d pool({.kernel_size = 3, .stride = 2, .padding = 1});
  Tensor x = random_tensor({9, 2, 7, 7}, 3);
  x.f32()[4 * 98 + 20] = std::numeric_limits<float>::quiet_NaN();
  const Tensor y = nn::apply(pool, x);
  for (std::int64_t n = 0; n < 9; ++n) {
    const Tensor alone = nn::apply(pool, x.view().rows(n, 1));
    EXPECT_TRUE(compare::same_bits(alone.f32(), y.view().rows(n, 1).f32()));
    EXPECT_EQ(n == 4, std::ranges::any_of(alone.f32(), [](float v) { return std::isnan(v); }));
  }
}

TEST(AvgPool2d, RefusesWhatPyTorchRefusesInItsWords) {
  const auto refusal = [](const AvgPool2d::Options& options) {
    return error_of([&] { AvgPool2d pool(options); });
  };
  EXPECT_EQ(refusal({.kernel_size = 2, .divisor_override = 0}),
            "AvgPool2d: divisor must be not zero");
  EXPECT_EQ(refusal({.kernel_size = 2, .stride = 0}), "AvgPool2d: stride should not be zero");
  EXPECT_EQ(refusal({.kernel_size = 2, .padding = 2}),
            "AvgPool2d: pad should be at most half of effective kernel size, but got pad=2, "
            "kernel_size=2 and dilation=1");
  EXPECT_EQ(error_of([] {
              AvgPool2d({.kernel_size = 4}).output_shape({1, 3, 3});
            }),
            "Given input size: (1x3x3). Calculated output size: (1x0x0). Output size is too small");
  EXPECT_EQ(error_of([] {
              AvgPool2d({.kernel_size = 4}).output_shape({1, 0, 3, 3});
            }),
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but "
            "got:[1, 0, 3, 3]");
}

TEST(AvgPool2d, SaysWhatItIs) {
  EXPECT_EQ(AvgPool2d({.kernel_size = {2, 3}}).extra_repr(),
            "kernel_size=(2, 3), stride=(2, 3), padding=0");
  EXPECT_TRUE(AvgPool2d({.kernel_size = 2}).rows_independent({1, 1, 4, 4}));
  EXPECT_FALSE(AvgPool2d({.kernel_size = 2}).rows_independent({1, 4, 4}));
}

}  // namespace
