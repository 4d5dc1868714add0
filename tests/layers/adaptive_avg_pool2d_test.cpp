#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

#include <nn/layers/adaptive_avg_pool2d.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"
#include "../random.h"

namespace {

using nn::AdaptiveAvgPool2d;
using nn::Shape;
using nn::Tensor;
using testing::ElementsAre;

TEST(AdaptiveAvgPool2d, AgreesWithPyTorch) {
  const std::string file = "adaptive_avg_pool2d.pt";
  for (const std::string& name : golden_cases(file)) {
    SCOPED_TRACE(name);
    const Tensor stored = golden(file, name + ".output_size");
    const auto side = [&](std::size_t i) -> std::optional<std::int64_t> {
      const std::int64_t size = stored.as<std::int64_t>()[i];
      return size < 0 ? std::nullopt : std::optional(size);
    };
    const Tensor y = nn::apply(AdaptiveAvgPool2d({.output_size = {side(0), side(1)}}),
                               golden(file, name + ".x"));
    EXPECT_EQ(y.shape(), golden(file, name + ".y").shape());
    EXPECT_TRUE(compare::within_rounding(y.f32(), golden(file, name + ".y64").as<double>(),
                                         golden(file, name + ".abs").f32()));
  }
}

TEST(AdaptiveAvgPool2d, ChoosesWindowsThatMayOverlapOrRepeat) {
  const Tensor five = Tensor::from({0, 1, 2, 3, 4}, {1, 1, 5});
  EXPECT_THAT(nn::apply(AdaptiveAvgPool2d({.output_size = {1, 3}}), five).f32(),
              ElementsAre(0.5, 2, 3.5));  // of cells 0-1, 1-3, 3-4
  const Tensor two = Tensor::from({0, 1}, {1, 1, 2});
  EXPECT_THAT(nn::apply(AdaptiveAvgPool2d({.output_size = {1, 5}}), two).f32(),
              ElementsAre(0, 0, 0.5, 1, 1));
}

TEST(AdaptiveAvgPool2d, TakesPairsNumbersAndNone) {
  EXPECT_EQ(AdaptiveAvgPool2d({.output_size = 1}).extra_repr(), "output_size=(1, 1)");
  EXPECT_EQ(AdaptiveAvgPool2d({.output_size = {3, 2}}).extra_repr(), "output_size=(3, 2)");
  const AdaptiveAvgPool2d keeps({.output_size = {std::nullopt, 2}});
  EXPECT_EQ(keeps.extra_repr(), "output_size=(None, 2)");
  EXPECT_EQ(keeps.output_shape({3, 7, 5}), (Shape{3, 7, 2}));
  EXPECT_TRUE(keeps.rows_independent({1, 3, 7, 5}));
  EXPECT_FALSE(keeps.rows_independent({3, 7, 5}));
}

TEST(AdaptiveAvgPool2d, GivesAnImageTheSameBitsInEveryBatch) {
  const AdaptiveAvgPool2d pool({.output_size = {3, 2}});
  const Tensor x = random_tensor({17, 2, 8, 9}, 3);
  const Tensor y = nn::apply(pool, x);
  for (std::int64_t n = 0; n < 17; ++n) {
    EXPECT_TRUE(
        compare::same_bits(nn::apply(pool, x.view().rows(n, 1)).f32(), y.view().rows(n, 1).f32()));
  }
}

TEST(AdaptiveAvgPool2d, MakesNanOfAnEmptyPlaneAndRefusesWhatPyTorchRefuses) {
  EXPECT_TRUE(
      std::isnan(nn::apply(AdaptiveAvgPool2d({.output_size = 1}), Tensor({1, 1, 0, 4})).item()));
  const AdaptiveAvgPool2d two({.output_size = 2});
  EXPECT_EQ(error_of([&] {
              two.output_shape({1, 1, 0, 4});
            }),
            "adaptive_avg_pool2d(): Expected input to have non-zero size for non-batch dimensions, "
            "but input has sizes [1, 1, 0, 4] with dimension 2 being empty");
  EXPECT_EQ(error_of([&] {
              two.output_shape({4, 4});
            }),
            "adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got [4, 4]");
  EXPECT_EQ(error_of([] { AdaptiveAvgPool2d({.output_size = -1}); }),
            "AdaptiveAvgPool2d: elements of output_size must be greater than or equal to 0 but "
            "received {-1, -1}");
}

}  // namespace
