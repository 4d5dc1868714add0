#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/layers/conv_transpose2d.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"
#include "../random.h"

namespace {

using nn::ConvTranspose2d;
using nn::Shape;
using nn::Tensor;

void expect_golden(const std::string& name, const ConvTranspose2d::Options& options) {
  SCOPED_TRACE(name);
  ConvTranspose2d layer(options);
  const auto file = "conv_transpose2d.pt";
  load_golden(file, name, layer.parameters());
  const Tensor y = nn::apply(layer, golden(file, name + ".x"));
  EXPECT_EQ(y.shape(), golden(file, name + ".y").shape());
  EXPECT_TRUE(compare::within_rounding(y.f32(), golden(file, name + ".y64").as<double>(),
                                       golden(file, name + ".abs").f32()));
}

TEST(ConvTranspose2d, AgreesWithPyTorch) {
  expect_golden("plain", {.in_channels = 3, .out_channels = 5, .kernel_size = 3});
  expect_golden("up", {.in_channels = 4, .out_channels = 3, .kernel_size = 2, .stride = 2});
  expect_golden("stride", {.in_channels = 2,
                           .out_channels = 3,
                           .kernel_size = {3, 5},
                           .stride = {2, 3},
                           .padding = {1, 2},
                           .output_padding = {1, 2}});
  expect_golden("groups", {.in_channels = 4,
                           .out_channels = 6,
                           .kernel_size = 3,
                           .stride = 2,
                           .groups = 2,
                           .bias = false});
  expect_golden("depthwise", {.in_channels = 3,
                              .out_channels = 3,
                              .kernel_size = 4,
                              .stride = 2,
                              .padding = 1,
                              .groups = 3});
  expect_golden(
      "dilation",
      {.in_channels = 2, .out_channels = 2, .kernel_size = 3, .padding = 1, .dilation = {2, 3}});
  expect_golden("cut", {.in_channels = 1, .out_channels = 2, .kernel_size = 3, .padding = 2});
  expect_golden("unbatched", {.in_channels = 2, .out_channels = 3, .kernel_size = 2});
  expect_golden("empty", {.in_channels = 2, .out_channels = 3, .kernel_size = 2});
  expect_golden("one", {.in_channels = 2, .out_channels = 3, .kernel_size = 1});
  EXPECT_EQ(golden_cases("conv_transpose2d.pt").size(), 10U);
}

Tensor ones(const Shape& shape) {
  Tensor tensor(shape);
  std::ranges::fill(tensor.f32(), 1.0F);
  return tensor;
}

// More rows than one step takes: the sums over their border are those of a convolution's gradient,
// here of ones: how many windows cover a pixel.
TEST(ConvTranspose2d, AddsUpWhatSeveralStepsOfRowsGive) {
  ConvTranspose2d layer({.in_channels = 1, .out_channels = 64, .kernel_size = 3, .bias = false});
  layer.weight = ones({1, 64, 3, 3});
  const Tensor y = nn::apply(layer, ones({1, 1, 40, 50}));
  ASSERT_EQ(y.shape(), (Shape{1, 64, 42, 52}));
  const auto covers = [](std::size_t at, std::size_t size) {
    return std::min({at + 1, std::size_t{3}, size - at});
  };
  for (std::size_t i = 0; i < y.f32().size(); ++i) {
    ASSERT_EQ(y.f32()[i], static_cast<float>(covers(i / 52 % 42, 42) * covers(i % 52, 52))) << i;
  }
}

TEST(ConvTranspose2d, GivesAnImageTheSameBitsInAnyBatch) {
  ConvTranspose2d layer({.in_channels = 5, .out_channels = 7, .kernel_size = 3, .stride = 2});
  layer.weight = random_tensor({5, 7, 3, 3}, 1);
  layer.bias = random_tensor({7}, 2);
  const Tensor x = random_tensor({3, 5, 9, 11}, 3);
  const Tensor y = nn::apply(layer, x);
  const Tensor alone = nn::apply(layer, x.view().rows(2, 1));
  EXPECT_TRUE(compare::same_bits(alone.f32(), y.view().rows(2, 1).f32()));
  EXPECT_TRUE(layer.rows_independent(x.shape()));
}

TEST(ConvTranspose2d, PrintsItsArgumentsAsPyTorchDoes) {
  EXPECT_EQ(ConvTranspose2d({.in_channels = 2,
                             .out_channels = 4,
                             .kernel_size = 3,
                             .stride = 2,
                             .padding = 1,
                             .output_padding = 1,
                             .groups = 2,
                             .dilation = 2})
                .extra_repr(),
            "2, 4, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(2, 2), "
            "output_padding=(1, 1), groups=2");
}

TEST(ConvTranspose2d, RefusesWhatPyTorchRefuses) {
  const auto refusal = [](const ConvTranspose2d::Options& options, const Shape& in) {
    return error_of([&] { ConvTranspose2d(options).output_shape(in); });
  };
  EXPECT_EQ(refusal({.in_channels = 2, .out_channels = 3, .kernel_size = 2}, {1, 4, 5, 5}),
            "Given transposed=1, weight of size [2, 3, 2, 2], expected input[1, 4, 5, 5] to have 2 "
            "channels, but got 4 channels instead");
  EXPECT_EQ(
      refusal({.in_channels = 2, .out_channels = 3, .kernel_size = 2, .padding = 3}, {1, 2, 2, 5}),
      "Given input size per channel: (2 x 5). Calculated output size per channel: (-3 x 0). "
      "Output size is too small");
  EXPECT_EQ(refusal({.in_channels = 1, .out_channels = 1, .kernel_size = 2, .output_padding = 1},
                    {1, 1, 2, 2}),
            "output padding must be smaller than either stride or dilation, but got "
            "output_padding_height: 1 output_padding_width: 1 stride_height: 1 stride_width: 1 "
            "dilation_height: 1 dilation_width: 1");
  EXPECT_EQ(refusal({.in_channels = 1, .out_channels = 1, .kernel_size = 2, .stride = INT64_MAX},
                    {1, 1, 3, 3}),
            "the sizes of this convolution do not fit 64 bits");
  EXPECT_EQ(refusal({.in_channels = 3, .out_channels = 2, .kernel_size = 2, .groups = 2}, {}),
            "ConvTranspose2d: in_channels must be divisible by groups, got 3 and 2");
}

}  // namespace
