#include <cfloat>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include <nn/layers/conv2d.h>
#include <nn/module.h>
#include <nn/session.h>

#include "../compare.h"
#include "../golden.h"
#include "../random.h"

namespace {

using nn::Conv2d;
using nn::Shape;
using nn::Tensor;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

Conv2d with_values(const Conv2d::Options& options, std::uint32_t seed = 7) {
  Conv2d conv(options);
  conv.weight = random_tensor(conv.weight.shape(), seed);
  if (options.bias) conv.bias = random_tensor(conv.bias.shape(), seed + 1);
  return conv;
}

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

// The formula, in double. Padding above and to the left is given; below and to the right it follows
// from the output's shape.
void expect_convolution(const Conv2d& conv, const Tensor& x, std::int64_t top, std::int64_t left) {
  const Conv2d::Options& o = conv.options();
  const Tensor y = nn::apply(conv, x);
  const Shape in = x.shape();
  const Shape out = y.shape();
  const std::int64_t group_in = o.in_channels / o.groups;
  const std::int64_t group_out = o.out_channels / o.groups;
  std::vector<double> exact;
  std::vector<float> magnitude;
  for (std::int64_t n = 0; n < out[0]; ++n) {
    for (std::int64_t c = 0; c < out[1]; ++c) {
      for (std::int64_t oh = 0; oh < out[2]; ++oh) {
        for (std::int64_t ow = 0; ow < out[3]; ++ow) {
          double sum = o.bias ? double{conv.bias.f32()[index(c)]} : 0;
          double size = std::fabs(sum);
          for (std::int64_t k = 0; k < group_in; ++k) {
            for (std::int64_t i = 0; i < o.kernel_size.h; ++i) {
              for (std::int64_t j = 0; j < o.kernel_size.w; ++j) {
                const std::int64_t h = oh * o.stride.h - top + i * o.dilation.h;
                const std::int64_t w = ow * o.stride.w - left + j * o.dilation.w;
                if (h < 0 || h >= in[2] || w < 0 || w >= in[3]) continue;
                const std::int64_t channel = c / group_out * group_in + k;
                const double product =
                    double{x.f32()[index(((n * in[1] + channel) * in[2] + h) * in[3] + w)]} *
                    double{conv.weight.f32()[index(
                        ((c * group_in + k) * o.kernel_size.h + i) * o.kernel_size.w + j)]};
                sum += product;
                size += std::fabs(product);
              }
            }
          }
          exact.push_back(sum);
          magnitude.push_back(static_cast<float>(size));
        }
      }
    }
  }
  EXPECT_TRUE(compare::within_rounding(y.f32(), exact, magnitude))
      << conv.extra_repr() << " " << to_text(in);
}

TEST(Conv2d, AgreesWithPyTorch) {
  using Options = Conv2d::Options;
  const std::vector<std::pair<std::string, Options>> cases{
      {"plain", {.in_channels = 1, .out_channels = 3, .kernel_size = 5}},
      {"channels", {.in_channels = 3, .out_channels = 4, .kernel_size = 3}},
      {"no_bias", {.in_channels = 2, .out_channels = 3, .kernel_size = 3, .bias = false}},
      {"rectangle", {.in_channels = 2, .out_channels = 3, .kernel_size = {2, 3}}},
      {"stride", {.in_channels = 2, .out_channels = 3, .kernel_size = 3, .stride = 2}},
      {"stride_pair", {.in_channels = 1, .out_channels = 2, .kernel_size = 3, .stride = {3, 2}}},
      {"stride_beyond_kernel",
       {.in_channels = 1, .out_channels = 2, .kernel_size = 2, .stride = 3}},
      {"padding", {.in_channels = 2, .out_channels = 3, .kernel_size = 3, .padding = 1}},
      {"padding_pair",
       {.in_channels = 1, .out_channels = 2, .kernel_size = {3, 5}, .padding = {1, 3}}},
      {"padding_beyond_kernel",
       {.in_channels = 1, .out_channels = 2, .kernel_size = 2, .padding = 3}},
      {"dilation", {.in_channels = 2, .out_channels = 2, .kernel_size = 3, .dilation = 2}},
      {"dilation_pair",
       {.in_channels = 1,
        .out_channels = 2,
        .kernel_size = {2, 3},
        .stride = {1, 2},
        .padding = {2, 1},
        .dilation = {3, 2}}},
      {"same", {.in_channels = 2, .out_channels = 3, .kernel_size = 3, .padding = "same"}},
      {"same_even",
       {.in_channels = 2, .out_channels = 3, .kernel_size = {2, 4}, .padding = "same"}},
      {"same_dilated",
       {.in_channels = 1,
        .out_channels = 2,
        .kernel_size = {2, 3},
        .padding = "same",
        .dilation = {3, 2}}},
      {"valid", {.in_channels = 2, .out_channels = 3, .kernel_size = 3, .padding = "valid"}},
      {"groups",
       {.in_channels = 4, .out_channels = 6, .kernel_size = 3, .padding = 1, .groups = 2}},
      {"depthwise",
       {.in_channels = 5, .out_channels = 5, .kernel_size = 3, .padding = 1, .groups = 5}},
      {"depthwise_stride",
       {.in_channels = 3,
        .out_channels = 3,
        .kernel_size = 3,
        .stride = 2,
        .padding = 1,
        .groups = 3}},
      {"depthwise_multiplier",
       {.in_channels = 2,
        .out_channels = 6,
        .kernel_size = 3,
        .padding = {2, 1},
        .dilation = 2,
        .groups = 2}},
      {"pointwise", {.in_channels = 5, .out_channels = 7, .kernel_size = 1}},
      {"pointwise_groups", {.in_channels = 4, .out_channels = 6, .kernel_size = 1, .groups = 2}},
      {"pointwise_stride", {.in_channels = 3, .out_channels = 4, .kernel_size = 1, .stride = 2}},
      {"pointwise_padding", {.in_channels = 2, .out_channels = 3, .kernel_size = 1, .padding = 1}},
      {"one_window", {.in_channels = 2, .out_channels = 3, .kernel_size = {3, 4}}},
      {"unbatched", {.in_channels = 2, .out_channels = 3, .kernel_size = 3}},
      {"empty_batch", {.in_channels = 2, .out_channels = 3, .kernel_size = 3}},
  };
  std::vector<std::string> names;
  for (const auto& [name, options] : cases) {
    SCOPED_TRACE(name);
    names.push_back(name);
    Conv2d conv(options);
    load_golden("conv2d.pt", name, conv.parameters());
    const Tensor y = nn::apply(conv, golden("conv2d.pt", name + ".x"));
    EXPECT_EQ(y.shape(), golden("conv2d.pt", name + ".y").shape());
    EXPECT_TRUE(compare::within_rounding(y.f32(), golden("conv2d.pt", name + ".y64").as<double>(),
                                         golden("conv2d.pt", name + ".abs").f32()));
  }
  EXPECT_EQ(names, golden_cases("conv2d.pt"));
}

TEST(Conv2d, IsItsFormulaOverOddSizesStridesPaddingsDilationsAndGroups) {
  std::uint32_t seed = 1;
  for (const std::int64_t groups : {1, 3}) {
    for (const std::int64_t channels : {3, 6}) {
      for (const nn::IntPair kernel : {nn::IntPair(1), nn::IntPair(3), nn::IntPair(2, 5)}) {
        for (const nn::IntPair stride : {nn::IntPair(1), nn::IntPair(2), nn::IntPair(3, 1)}) {
          for (const nn::IntPair padding : {nn::IntPair(0), nn::IntPair(2), nn::IntPair(1, 4)}) {
            for (const nn::IntPair dilation : {nn::IntPair(1), nn::IntPair(2, 1)}) {
              ++seed;
              const Conv2d conv = with_values({.in_channels = channels,
                                               .out_channels = 2 * groups,
                                               .kernel_size = kernel,
                                               .stride = stride,
                                               .padding = padding,
                                               .dilation = dilation,
                                               .groups = groups,
                                               .bias = seed % 3 != 0},
                                              seed);
              const Tensor x = random_tensor({2, channels, 7, 9}, seed);
              expect_convolution(conv, x, padding.h, padding.w);
            }
          }
        }
      }
    }
  }
}

TEST(Conv2d, ConvolvesEachChannelAloneOverOddSizesStridesPaddingsAndDilations) {
  std::uint32_t seed = 1;
  for (const std::int64_t width : {1, 5, 16, 33, 70, 131}) {
    for (const std::int64_t kernel : {1, 3, 4}) {
      for (const std::int64_t stride : {1, 2, 3, 7}) {
        for (const std::int64_t padding : {0, 1, 5}) {
          for (const std::int64_t dilation : {1, 2, 5}) {
            const std::int64_t height = seed % 19 == 0 ? 150 : 9;
            const std::int64_t extent = (kernel - 1) * dilation + 1;
            if (extent > height + 2 || extent > width + 2 * padding) continue;
            ++seed;
            const Conv2d conv = with_values({.in_channels = 2,
                                             .out_channels = 4,
                                             .kernel_size = kernel,
                                             .stride = {1 + seed % 3, stride},
                                             .padding = {1, padding},
                                             .dilation = dilation,
                                             .groups = 2},
                                            seed);
            expect_convolution(conv, random_tensor({1, 2, height, width}, seed), 1, padding);
          }
        }
      }
    }
  }
}

TEST(Conv2d, TakesAnImageInSeveralBlocksOfColumns) {
  // 40 * 9 rows of columns: 273 pixels at a time, which end within rows of the output.
  const Conv2d conv = with_values(
      {.in_channels = 40, .out_channels = 3, .kernel_size = 3, .stride = {1, 2}, .padding = 1});
  const Tensor x = random_tensor({1, 40, 31, 77}, 3);
  EXPECT_LT(conv.scratch_bytes(x.shape()), std::size_t{1} << 20U);
  expect_convolution(conv, x, 1, 1);
}

TEST(Conv2d, PadsTheExtraCellOfSameOnTheRight) {
  Conv2d conv({.in_channels = 1,
               .out_channels = 1,
               .kernel_size = {1, 2},
               .padding = "same",
               .bias = false});
  conv.weight = Tensor::from({1, 1}, {1, 1, 1, 2});
  const Tensor y = nn::apply(conv, Tensor::from({1, 1, 1, 1}, {1, 1, 1, 4}));
  EXPECT_THAT(y.f32(), testing::ElementsAre(2, 2, 2, 1));
  EXPECT_EQ(y.shape(), (Shape{1, 1, 1, 4}));
}

TEST(Conv2d, GivesAnImageTheSameBitsInEveryBatch) {
  const std::vector<Conv2d> layers{
      with_values({.in_channels = 3, .out_channels = 20, .kernel_size = 5}),
      with_values({.in_channels = 3, .out_channels = 20, .kernel_size = 1}),
      with_values({.in_channels = 3, .out_channels = 6, .kernel_size = 3, .groups = 3}),
  };
  const Tensor x = random_tensor({65, 3, 12, 11}, 3);
  for (const Conv2d& conv : layers) {
    std::vector<Tensor> alone;
    for (std::int64_t n = 0; n < 65; ++n) alone.push_back(nn::apply(conv, x.view().rows(n, 1)));
    for (const std::int64_t batch : {2, 3, 4, 7, 64, 65}) {
      const Tensor y = nn::apply(conv, x.view().rows(65 - batch, batch));
      for (std::int64_t n = 0; n < batch; ++n) {
        ASSERT_TRUE(
            compare::same_bits(y.view().rows(n, 1).f32(), alone[index(65 - batch + n)].f32()))
            << batch << " " << n;
      }
    }
  }
}

// What a session makes of one layer alone.
Tensor in_a_session(const Conv2d& conv, const Tensor& x) {
  return nn::Session(nn::Graph{{"conv", conv}}, x.shape())(x);
}

TEST(Conv2d, PadsByOtherThanZerosAsPyTorchDoes) {
  using Options = Conv2d::Options;
  const std::vector<std::pair<std::string, Options>> cases{
      {"reflect",
       {.in_channels = 2,
        .out_channels = 3,
        .kernel_size = 3,
        .padding = 2,
        .padding_mode = "reflect"}},
      {"replicate",
       {.in_channels = 2,
        .out_channels = 3,
        .kernel_size = {2, 3},
        .padding = nn::IntPair(3, 1),
        .padding_mode = "replicate"}},
      {"circular",
       {.in_channels = 2,
        .out_channels = 2,
        .kernel_size = 3,
        .stride = 2,
        .padding = nn::IntPair(2, 4),
        .padding_mode = "circular"}},
      {"reflect_same",
       {.in_channels = 2,
        .out_channels = 3,
        .kernel_size = {2, 4},
        .padding = "same",
        .padding_mode = "reflect"}},
      {"circular_depthwise",
       {.in_channels = 3,
        .out_channels = 3,
        .kernel_size = 3,
        .padding = 1,
        .groups = 3,
        .padding_mode = "circular"}},
      {"replicate_unbatched",
       {.in_channels = 2,
        .out_channels = 3,
        .kernel_size = 3,
        .padding = 1,
        .padding_mode = "replicate"}},
      {"reflect_nothing",
       {.in_channels = 1, .out_channels = 2, .kernel_size = 3, .padding_mode = "reflect"}},
  };
  const std::string file = "conv2d_padding_mode.pt";
  EXPECT_EQ(golden_cases(file).size(), cases.size());
  for (const auto& [name, options] : cases) {
    SCOPED_TRACE(name);
    Conv2d conv(options);
    load_golden(file, name, conv.parameters());
    const Tensor x = golden(file, name + ".x");
    for (const Tensor& y : {nn::apply(conv, x), in_a_session(conv, x)}) {
      EXPECT_EQ(y.shape(), golden(file, name + ".y").shape());
      EXPECT_TRUE(compare::within_rounding(y.f32(), golden(file, name + ".y64").as<double>(),
                                           golden(file, name + ".abs").f32()));
    }
  }
  const Conv2d reflect(cases[0].second);
  EXPECT_EQ(reflect.extra_repr(),
            "2, 3, kernel_size=(3, 3), stride=(1, 1), padding=(2, 2), padding_mode=reflect");
  EXPECT_THAT(
      [&] {
        reflect.output_shape({1, 2, 2, 5});
      },
      ThrowsMessage<nn::Error>(HasSubstr("Padding size should be less than")));
}

TEST(Conv2d, AgreesWithItselfInASessionWhichPacksItsWeights) {
  for (const std::int64_t kernel : {3, 5}) {
    for (const std::int64_t in : {1, 4, 24}) {
      const Conv2d conv = with_values(
          {.in_channels = in, .out_channels = 30, .kernel_size = kernel, .padding = kernel / 2});
      const Tensor x = random_tensor({3, in, 19, 22}, 5);
      const Tensor y = in_a_session(conv, x);
      const Tensor plain = nn::apply(conv, x);
      float largest = 0;
      for (std::size_t i = 0; i < y.f32().size(); ++i) {
        largest = std::max(largest, std::fabs(y.f32()[i] - plain.f32()[i]));
      }
      // 32 ε · max|x| · Σ|w|, the weights being 1/2 on average.
      EXPECT_LT(largest, 32 * FLT_EPSILON * (1 + static_cast<float>(in * kernel * kernel) / 2))
          << kernel << " " << in;
      EXPECT_GT(largest, 0) << "the session went the plain way";
      EXPECT_TRUE(compare::same_bits(in_a_session(conv, Tensor::copy_of(x.view().rows(1, 1))).f32(),
                                     y.view().rows(1, 1).f32()));
    }
  }
}

TEST(Conv2d, IsALinearLayerInASessionWhereOneWindowTakesInTheImage) {
  const Conv2d conv = with_values({.in_channels = 16, .out_channels = 30, .kernel_size = {5, 4}});
  Tensor x = random_tensor({9, 16, 5, 4}, 5);
  const Tensor y = in_a_session(conv, x);
  const Tensor plain = nn::apply(conv, x);
  ASSERT_EQ(y.shape(), plain.shape());
  for (std::size_t i = 0; i < y.f32().size(); ++i) {
    EXPECT_NEAR(y.f32()[i], plain.f32()[i], 4 * FLT_EPSILON * 16 * 20) << i;
  }
  EXPECT_TRUE(compare::same_bits(in_a_session(conv, Tensor::copy_of(x.view().rows(4, 1))).f32(),
                                 y.view().rows(4, 1).f32()));
  x.f32()[0] = nan;
  EXPECT_TRUE(std::isnan(in_a_session(conv, x).f32()[7]));
}

// Winograd's way would spread NaN over a tile, lose infinities and overflow before the sums do.
TEST(Conv2d, IsPlainInASessionWhereAnImageIsNotFiniteOrVeryLarge) {
  const Conv2d conv =
      with_values({.in_channels = 4, .out_channels = 30, .kernel_size = 5, .padding = 2});
  const float infinity = std::numeric_limits<float>::infinity();
  // Small enough for our own product outside of sessions too: a BLAS may add in another order.
  const Tensor clean = random_tensor({3, 4, 18, 18}, 5);
  const Tensor expected = in_a_session(conv, clean);
  for (const float bad : {nan, infinity, -infinity, 1e38F, -FLT_MAX}) {
    Tensor x = clean;
    x.f32()[4 * 324 + 777] = bad;  // image 1
    const Tensor y = in_a_session(conv, x);
    for (const std::int64_t image : {0, 2}) {
      EXPECT_TRUE(
          compare::same_bits(y.view().rows(image, 1).f32(), expected.view().rows(image, 1).f32()));
    }
    const Tensor plain = nn::apply(conv, x.view().rows(1, 1));
    EXPECT_TRUE(compare::within_ulps(y.view().rows(1, 1).f32(), plain.f32(), 0)) << bad;
  }
}

TEST(Conv2d, LetsNanAndInfinityTimesZeroBeNanAndLeavesOtherImagesAlone) {
  for (const std::int64_t groups : {1, 2}) {
    for (const std::int64_t kernel : {1, 2}) {
      for (const float bad : {nan, std::numeric_limits<float>::infinity()}) {
        Conv2d conv({.in_channels = 2,
                     .out_channels = 2,
                     .kernel_size = kernel,
                     .groups = groups,
                     .bias = false});
        conv.weight = Tensor(conv.weight.shape());  // zeros
        Tensor x = random_tensor({3, 2, 4, 4}, 1);
        x.f32()[2 * 16] = bad;  // image 1, channel 0, pixel (0, 0)
        const Tensor y = nn::apply(conv, x);
        const std::size_t pixels = y.f32().size() / 6;
        for (std::size_t i = 0; i < y.f32().size(); ++i) {
          const bool reached = i == 2 * pixels || (groups == 1 && i == 3 * pixels);
          EXPECT_EQ(std::isnan(y.f32()[i]), reached) << i;
        }
      }
    }
  }
}

TEST(Conv2d, AppliesTheFusedActivationAfterTheBias) {
  Conv2d conv = with_values({.in_channels = 2, .out_channels = 3, .kernel_size = 3});
  const Tensor x = random_tensor({2, 2, 5, 5}, 3);
  Tensor expected = nn::apply(conv, x);
  for (float& value : expected.f32()) value = std::max(value, 0.0F);
  conv.activation.kind = nn::kernels::ActivationKind::relu;
  EXPECT_TRUE(compare::same_bits(nn::apply(conv, x).f32(), expected.f32()));
}

TEST(Conv2d, TakesOneImageWithoutBatchAndAnEmptyBatch) {
  const Conv2d conv = with_values({.in_channels = 2, .out_channels = 3, .kernel_size = 3});
  const Tensor x = random_tensor({1, 2, 5, 4}, 3);
  const Tensor image = nn::apply(conv, x.view().reshaped({2, 5, 4}));
  EXPECT_EQ(image.shape(), (Shape{3, 3, 2}));
  EXPECT_TRUE(compare::same_bits(image.f32(), nn::apply(conv, x).f32()));
  EXPECT_EQ(nn::apply(conv, Tensor({0, 2, 5, 4})).shape(), (Shape{0, 3, 3, 2}));
  EXPECT_TRUE(conv.rows_independent({1, 2, 5, 4}));
  EXPECT_FALSE(conv.rows_independent({2, 5, 4}));
}

TEST(Conv2d, PrintsItsArgumentsAsPyTorchDoes) {
  EXPECT_EQ(Conv2d({.in_channels = 1, .out_channels = 20, .kernel_size = 5}).extra_repr(),
            "1, 20, kernel_size=(5, 5), stride=(1, 1)");
  EXPECT_EQ(Conv2d({.in_channels = 1,
                    .out_channels = 20,
                    .kernel_size = {5, 3},
                    .stride = {2, 1},
                    .padding = 1})
                .extra_repr(),
            "1, 20, kernel_size=(5, 3), stride=(2, 1), padding=(1, 1)");
  EXPECT_EQ(Conv2d({.in_channels = 2,
                    .out_channels = 4,
                    .kernel_size = 3,
                    .padding = "same",
                    .dilation = 2,
                    .groups = 2,
                    .bias = false})
                .extra_repr(),
            "2, 4, kernel_size=(3, 3), stride=(1, 1), padding=same, dilation=(2, 2), groups=2, "
            "bias=False");
  EXPECT_EQ(Conv2d({.in_channels = 1, .out_channels = 1, .kernel_size = 1, .padding = {0, 2}})
                .extra_repr(),
            "1, 1, kernel_size=(1, 1), stride=(1, 1), padding=(0, 2)");
}

TEST(Conv2d, NamesItsParametersAsPyTorchDoes) {
  Conv2d conv({.in_channels = 4, .out_channels = 6, .kernel_size = {3, 2}, .groups = 2});
  const auto parameters = conv.parameters();
  ASSERT_EQ(parameters.size(), 2U);
  EXPECT_EQ(parameters[0].name, "weight");
  EXPECT_EQ(parameters[0].parameter.shape(), (Shape{6, 2, 3, 2}));
  EXPECT_EQ(parameters[1].name, "bias");
  EXPECT_EQ(parameters[1].parameter.shape(), (Shape{6}));
  EXPECT_THAT([&] { conv.bias = Tensor({2}); },
              ThrowsMessage<nn::Error>("expected a tensor of float32 [6], got float32 [2]"));
}

void expect_refused(const Conv2d::Options& options, const std::string& message) {
  EXPECT_THAT([&] { Conv2d conv(options); }, ThrowsMessage<nn::Error>("Conv2d: " + message));
}

TEST(Conv2d, RefusesWrongOptionsAtOnceWherePyTorchDoes) {
  expect_refused({.in_channels = 0, .out_channels = 3, .kernel_size = 3},
                 "in_channels must be positive, got 0");
  expect_refused({.in_channels = 1, .out_channels = -1, .kernel_size = 3},
                 "out_channels must be positive, got -1");
  expect_refused({.in_channels = 1, .out_channels = 3, .kernel_size = {3, 0}},
                 "kernel size should be greater than zero, but got kernel_height: 3 "
                 "kernel_width: 0");
  expect_refused({.in_channels = 3, .out_channels = 4, .kernel_size = 3, .groups = 2},
                 "in_channels must be divisible by groups, got 3 and 2");
  expect_refused({.in_channels = 4, .out_channels = 3, .kernel_size = 3, .groups = 2},
                 "out_channels must be divisible by groups, got 3 and 2");
  expect_refused({.in_channels = 4, .out_channels = 3, .kernel_size = 3, .groups = 0},
                 "groups must be a positive integer, got 0");
  expect_refused(
      {.in_channels = 1, .out_channels = 1, .kernel_size = 3, .stride = {1, 2}, .padding = "same"},
      "padding='same' is not supported for strided convolutions");
  EXPECT_THAT(
      [] { nn::Padding padding("foo"); },
      ThrowsMessage<nn::Error>("Invalid padding string 'foo', should be one of {'valid', 'same'}"));
  expect_refused({.in_channels = INT64_C(1) << 31, .out_channels = 1, .kernel_size = 1},
                 "a weight of [1, 2147483648, 1, 1] is larger than the 2147483647 rows and columns "
                 "that a matrix product takes");
  EXPECT_THAT(
      [] { Conv2d conv({.in_channels = 1, .out_channels = 1, .kernel_size = INT64_C(1) << 40}); },
      ThrowsMessage<nn::Error>(HasSubstr("numel: integer multiplication overflow")));
}

void expect_input_refused(const Conv2d::Options& options, const Shape& in,
                          const std::string& message) {
  const Conv2d conv(options);
  EXPECT_THAT([&] { conv.output_shape(in); }, ThrowsMessage<nn::Error>(message));
}

TEST(Conv2d, RefusesInputsThatDoNotFitInPyTorchsWords) {
  const auto options = [](nn::IntPair kernel) {
    return Conv2d::Options{.in_channels = 1, .out_channels = 3, .kernel_size = kernel};
  };
  expect_input_refused(options(4), {1, 1, 3, 3},
                       "Calculated padded input size per channel: (3 x 3). Kernel size: (4 x 4). "
                       "Kernel size can't be greater than actual input size");
  Conv2d::Options dilated = options(4);
  dilated.dilation = 2;
  dilated.padding = 1;
  expect_input_refused(dilated, {1, 1, 3, 4},
                       "Calculated padded input size per channel: (5 x 6). Kernel size: (7 x 7). "
                       "Kernel size can't be greater than actual input size");
  expect_input_refused(options(3), {1, 2, 4, 4},
                       "Given groups=1, weight of size [3, 1, 3, 3], expected input[1, 2, 4, 4] to "
                       "have 1 channels, but got 2 channels instead");
  expect_input_refused(options(3), {2, 4, 4},
                       "Given groups=1, weight of size [3, 1, 3, 3], expected input[1, 2, 4, 4] to "
                       "have 1 channels, but got 2 channels instead");
  expect_input_refused(options(3), {4, 4},
                       "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of "
                       "size: [4, 4]");
  Conv2d::Options strided = options(3);
  strided.stride = {1, -1};
  expect_input_refused(strided, {1, 1, 4, 4}, "non-positive stride is not supported");
  Conv2d::Options padded = options(3);
  padded.padding = {0, -1};
  expect_input_refused(padded, {1, 1, 4, 4}, "negative padding is not supported");
  padded.padding = INT64_C(1) << 62;
  expect_input_refused(padded, {1, 1, 4, 4},
                       "Given padding=4611686018427387904 at dimension 0 , expected padding to be "
                       "at most 4611686018427387903");
  dilated.dilation = {1, 0};
  expect_input_refused(dilated, {1, 1, 4, 4},
                       "dilation should be greater than zero, but got [1, 0]");
  dilated.dilation = INT64_C(1) << 62;
  expect_input_refused(dilated, {1, 1, 4, 4}, "the sizes of this convolution do not fit 64 bits");
  expect_input_refused(options(3), {1, 1, 0, 4},
                       "Calculated padded input size per channel: (0 x 4). Kernel size: (3 x 3). "
                       "Kernel size can't be greater than actual input size");
  padded.padding = 2;
  expect_input_refused(padded, {1, 1, 0, 4},
                       "Only zero batch or zero channel inputs are supported, but got input shape: "
                       "[1, 1, 0, 4]");
  expect_input_refused(
      options(1), {1, 1, 65536, 65536},
      "a padded input of 65536 x 65536 pixels is larger than the 2147483647 that a "
      "matrix product takes");
  padded.padding = INT64_C(1) << 60;
  padded.stride = INT64_C(1) << 59;
  expect_input_refused(padded, {1, 1, 4, 4},
                       "numel: integer multiplication overflow in shape [2305843009213693956, "
                       "2305843009213693956]");
  padded.stride = 1;
  padded.padding = (INT64_C(1) << 62) - 1;
  expect_input_refused(padded, {1, 1, 4, 4}, "the sizes of this convolution do not fit 64 bits");
}

TEST(Conv2d, AcceptsAHugeStrideAndAHugeDilationOfOneCell) {
  const Conv2d conv = with_values(
      {.in_channels = 1, .out_channels = 2, .kernel_size = 3, .stride = INT64_C(1) << 62});
  EXPECT_EQ(nn::apply(conv, random_tensor({1, 1, 5, 5}, 2)).shape(), (Shape{1, 2, 1, 1}));
  for (const std::int64_t groups : {1, 2}) {
    const Conv2d dilated = with_values({.in_channels = 2,
                                        .out_channels = 2,
                                        .kernel_size = 1,
                                        .stride = INT64_C(1) << 62,
                                        .dilation = INT64_C(1) << 62,
                                        .groups = groups});
    EXPECT_EQ(nn::apply(dilated, random_tensor({1, 2, 5, 5}, 2)).shape(), (Shape{1, 2, 1, 1}));
  }
}

TEST(Conv2d, CountsTheMultiplyAddsOfItsFormula) {
  Conv2d conv({.in_channels = 4,
               .out_channels = 6,
               .kernel_size = {3, 2},
               .stride = 2,
               .padding = 1,
               .groups = 2});
  // 5 images of 6 channels of 4 x 5 pixels, each over 2 channels of 3 x 2 cells
  EXPECT_EQ(conv.multiply_adds({5, 4, 7, 8}), 5 * 6 * (4 * 5) * (2 * 3 * 2));
  conv.max_pool = true;
  EXPECT_EQ(conv.multiply_adds({5, 4, 7, 8}), 5 * 6 * (4 * 5) * (2 * 3 * 2));
  EXPECT_EQ(conv.multiply_adds({4, 7, 8}), 6 * (4 * 5) * (2 * 3 * 2));
  EXPECT_EQ(conv.multiply_adds({0, 4, 7, 8}), 0);
}

}  // namespace
