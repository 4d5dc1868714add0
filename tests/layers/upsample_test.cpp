#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/layers/upsample.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"

namespace {

using nn::Shape;
using nn::Tensor;
using nn::Upsample;

void expect_golden(const std::string& name, const Upsample::Options& options) {
  SCOPED_TRACE(name);
  const Upsample layer(options);
  const Tensor x = golden("upsample.pt", "all.x");
  const Tensor y = nn::apply(layer, x);
  const Tensor expected = golden("upsample.pt", "all." + name);
  ASSERT_EQ(y.shape(), expected.shape());
  // The same weights, in float as PyTorch has them; up to 16 products, in another order.
  const float limit = options.mode.starts_with("nearest") ? 0 : 3e-6F;
  for (std::size_t i = 0; i < y.f32().size(); ++i) {
    ASSERT_NEAR(y.f32()[i], expected.f32()[i], limit) << i;
  }
  const Tensor alone = nn::apply(layer, x.view().rows(1, 1));
  EXPECT_TRUE(compare::same_bits(alone.f32(), y.view().rows(1, 1).f32()));
}

TEST(Upsample, AgreesWithPyTorch) {
  const Upsample::ScaleFactor twice{2, 2};
  const Upsample::ScaleFactor uneven{1.7, 0.6};
  expect_golden("nearest", {.scale_factor = twice});
  expect_golden("nearest_size", {.size = {{7, 4}}});
  expect_golden("nearest_scale", {.scale_factor = uneven});
  expect_golden("exact", {.size = {{8, 3}}, .mode = "nearest-exact"});
  expect_golden("exact_scale", {.scale_factor = {{2.3, 0.7}}, .mode = "nearest-exact"});
  expect_golden("bilinear", {.scale_factor = twice, .mode = "bilinear"});
  expect_golden("bilinear_aligned", {.size = {{9, 11}}, .mode = "bilinear", .align_corners = true});
  expect_golden("bilinear_scale", {.scale_factor = uneven, .mode = "bilinear"});
  expect_golden("bilinear_recomputed",
                {.scale_factor = uneven, .mode = "bilinear", .recompute_scale_factor = true});
  expect_golden("bilinear_one", {.size = {{1, 1}}, .mode = "bilinear", .align_corners = true});
  expect_golden("bicubic", {.scale_factor = twice, .mode = "bicubic"});
  expect_golden("bicubic_aligned", {.size = {{3, 11}}, .mode = "bicubic", .align_corners = true});
  expect_golden("bicubic_scale", {.scale_factor = {{0.55, 1.9}}, .mode = "bicubic"});
}

TEST(Upsample, PrintsItsArgumentsAsPyTorchDoes) {
  EXPECT_EQ(Upsample({.scale_factor = {{2, 2}}}).extra_repr(), "scale_factor=2.0, mode='nearest'");
  EXPECT_EQ(Upsample({.size = {{3, 4}}, .mode = "bilinear", .align_corners = true}).extra_repr(),
            "size=(3, 4), mode='bilinear'");
}

TEST(Upsample, RefusesWhatPyTorchRefuses) {
  const auto refusal = [](const Upsample::Options& options, const Shape& in) {
    return error_of([&] { Upsample(options).output_shape(in); });
  };
  EXPECT_EQ(refusal({}, {1, 1, 2, 2}), "Upsample: either size or scale_factor should be defined");
  EXPECT_EQ(refusal({.size = {{2, 2}}, .scale_factor = {{2, 2}}}, {1, 1, 2, 2}),
            "Upsample: only one of size or scale_factor should be defined");
  EXPECT_EQ(refusal({.size = {{2, 2}}, .align_corners = true}, {1, 1, 2, 2}),
            "Upsample: align_corners option can only be set with the interpolating modes: linear | "
            "bilinear | bicubic | trilinear");
  EXPECT_EQ(refusal({.scale_factor = {{2, 2}}}, {1, 1, 0, 3}),
            "Input and output sizes should be greater than 0, but got input (H: 0, W: 3) output "
            "(H: 0, W: 6)");
  EXPECT_EQ(refusal({.scale_factor = {{1e300, 2}}}, {1, 1, 2, 2}),
            "a size of 2 times scale_factor 1e+300 is none of 0 to 2147483647");
  EXPECT_EQ(refusal({.size = {{2, 2}}, .mode = "area"}, {1, 1, 2, 2}),
            "Upsample: expected mode nearest, nearest-exact, bilinear or bicubic, got 'area'");
}

}  // namespace
