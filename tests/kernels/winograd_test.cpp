#include <algorithm>
#include <array>
#include <cfloat>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include <nn/kernels/winograd.h>
#include <nn/kernels/winograd_conv.h>
#include <nn/kernels/winograd_products.h>
#include <nn/kernels/winograd_rows.h>

#include "../random.h"
#include "naive_conv.h"
#include "targets.h"

namespace {

using nn::Tensor;
using nn::kernels::Clamp;
using nn::kernels::ConvShape;
using nn::kernels::Epilogue;
using nn::kernels::relu_clamp;
using nn::kernels::Windows;

ConvShape shape_of(std::int64_t in, std::int64_t out, std::int64_t height, std::int64_t width,
                   std::int64_t kernel, std::int64_t padding) {
  ConvShape shape;
  shape.in_channels = in;
  shape.out_channels = out;
  Windows& w = shape.windows;
  w.height = height;
  w.width = width;
  w.kernel_h = w.kernel_w = kernel;
  w.top = w.left = padding;
  w.out_h = height + 2 * padding - kernel + 1;
  w.out_w = width + 2 * padding - kernel + 1;
  return shape;
}

constexpr float untouched = 1234.5F;

enum class Way : std::uint8_t { tiles, rows, products };

std::vector<float> computed(const ConvShape& s, Way way, std::int64_t images, const float* x,
                            const float* weight, const Epilogue& epilogue, std::size_t count,
                            std::int64_t parts = 1) {
  using namespace nn::kernels;
  const std::int64_t packed_size = way == Way::tiles  ? 64 * s.in_channels * s.out_channels
                                   : way == Way::rows ? winograd_rows_packed_size(s)
                                                      : winograd_products_packed_size(s);
  const std::int64_t scratch_size = way == Way::tiles  ? winograd_scratch(s, images)
                                    : way == Way::rows ? winograd_rows_scratch(s)
                                                       : winograd_products_scratch(s, images);
  Tensor packed({packed_size}), scratch({scratch_size});
  std::ranges::fill(scratch.f32(),
                    std::numeric_limits<float>::quiet_NaN());  // nothing may be read unwritten
  (way == Way::tiles  ? winograd_pack
   : way == Way::rows ? winograd_rows_pack
                      : winograd_products_pack)(s, weight, packed.f32().data());
  const auto run = way == Way::tiles  ? winograd
                   : way == Way::rows ? winograd_rows
                                      : winograd_products;
  std::vector<float> y(count + 1, untouched);
  for (std::int64_t i = 0; i < parts; ++i) {
    run(s, images, x, packed.f32().data(), epilogue, {i, parts}, y.data(), scratch.f32().data());
  }
  EXPECT_EQ(y.back(), untouched) << "wrote beyond the output";
  y.pop_back();
  return y;
}

// `limit` ε · max|x| · Σ|w|: between the transforms inputs grow by up to 12.5 and outputs by 67
// along each axis, and the rounding of the products with them. The largest seen are 4 ε by rows and
// 26 ε by tiles, with one input channel; with the channels that tiles are for, 4 ε.
void expect_close(const ConvShape& s, double limit, const float* weight,
                  const std::vector<float>& got, const std::vector<double>& exact) {
  ASSERT_EQ(got.size(), exact.size());
  double sum = 1;  // of a channel's weights, and the bias
  const std::int64_t filter = s.in_channels * s.windows.kernel_h * s.windows.kernel_w;
  for (std::int64_t o = 0; o < s.out_channels; ++o) {
    double channel = 1;
    for (std::int64_t i = 0; i < filter; ++i) channel += std::fabs(double{weight[o * filter + i]});
    sum = std::max(sum, channel);
  }
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_LE(std::fabs(double{got[i]} - exact[i]), limit * double{FLT_EPSILON} * sum)
        << "at " << i << ": got " << got[i] << ", expected " << exact[i];
  }
}

class Winograd : public testing::TestWithParam<Way> {};

TEST_P(Winograd, IsItsNaiveTwinOverOddSizesOnEveryTarget) {
  const Way way = GetParam();
  for_each_target([&] {
    std::uint32_t seed = 1;
    for (const std::int64_t kernel : {3, 5}) {
      if (way == Way::products && kernel == 5) continue;
      for (const std::int64_t in : {1, 2, 5}) {
        for (const std::int64_t out : {1, 4, 7, 13}) {
          for (const std::int64_t height : {5, 6, 9, 13}) {
            for (const std::int64_t width : {5, 8, 11, 18}) {
              ++seed;
              const ConvShape s = shape_of(in, out, height, width, kernel, seed % 3);
              const std::int64_t images = 1 + seed % 4;
              const Tensor x = random_tensor({images, in, height, width}, seed);
              const Tensor weight = random_tensor({out, in, kernel, kernel}, seed + 1);
              const Tensor bias = random_tensor({out}, seed + 2);
              const Epilogue epilogue{seed % 5 == 0 ? nullptr : bias.f32().data(),
                                      seed % 2 == 0 ? Clamp{-0.1F, 0.3F} : Clamp{},
                                      seed % 7 < 3 && way != Way::products};
              const std::vector<double> exact =
                  naive_conv(s, images, x.f32().data(), weight.f32().data(), epilogue).y;
              expect_close(s, way == Way::tiles ? 40 : 8, weight.f32().data(),
                           computed(s, way, images, x.f32().data(), weight.f32().data(), epilogue,
                                    exact.size()),
                           exact);
            }
          }
        }
      }
    }
  });
}

TEST_P(Winograd, GivesAnImageTheSameBitsInEveryBatchOnEveryTarget) {
  const Way way = GetParam();
  for_each_target([&] {
    for (const bool pool : {false, true}) {
      if (way == Way::products && pool) continue;
      const std::int64_t kernel = way == Way::products ? 3 : 5;
      const ConvShape s = shape_of(3, 11, 10, 13, kernel, kernel / 2 - (kernel == 5 ? 1 : 0));
      constexpr std::int64_t images = 37;
      const Tensor x = random_tensor({images, 3, 10, 13}, 1);
      const Tensor weight = random_tensor({11, 3, kernel, kernel}, 2);
      const Epilogue epilogue{nullptr, relu_clamp, pool};
      const std::int64_t shrink = pool ? 2 : 1;
      const std::size_t each = index(11 * (s.windows.out_h / shrink) * (s.windows.out_w / shrink));
      const std::vector<float> all =
          computed(s, way, images, x.f32().data(), weight.f32().data(), epilogue, each * images);
      for (std::int64_t first = 0, count = 1; first < images;
           first += count, count = count % 5 + 1) {
        count = std::min(count, images - first);
        const std::vector<float> some =
            computed(s, way, count, x.f32().data() + first * 3 * 10 * 13, weight.f32().data(),
                     epilogue, each * index(count));
        ASSERT_EQ(
            std::vector<float>(all.begin() + first * static_cast<std::ptrdiff_t>(each),
                               all.begin() + (first + count) * static_cast<std::ptrdiff_t>(each)),
            some);
      }
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Ways, Winograd, testing::Values(Way::tiles, Way::rows, Way::products),
                         [](const auto& way) {
                           return way.param == Way::tiles  ? "Tiles"
                                  : way.param == Way::rows ? "Rows"
                                                           : "Products";
                         });

TEST(WinogradProducts, AreTheSameInStripsInPartsAndAlone) {
  for_each_target([] {
    // 2 * 300 channels: strips of few rows of tiles; of 7 x 7, several images at once.
    for (const auto& [channels, side, images] :
         {std::array<std::int64_t, 3>{300, 17, 2}, std::array<std::int64_t, 3>{40, 7, 9}}) {
      const ConvShape s = shape_of(channels, channels, side, side, 3, 1);
      const Tensor x = random_tensor({images, channels, side, side}, 1);
      const Tensor weight = random_tensor({channels, channels, 3, 3}, 2);
      const Tensor bias = random_tensor({channels}, 3);
      const Epilogue epilogue{bias.f32().data(), {}, false};
      const std::size_t each = index(channels * side * side);
      const std::vector<float> whole =
          computed(s, Way::products, images, x.f32().data(), weight.f32().data(), epilogue,
                   each * index(images));
      if (channels == 40) {
        expect_close(s, 8, weight.f32().data(), whole,
                     naive_conv(s, images, x.f32().data(), weight.f32().data(), epilogue).y);
      }
      EXPECT_EQ(computed(s, Way::products, images, x.f32().data(), weight.f32().data(), epilogue,
                         each * index(images), 3),
                whole);
      const std::vector<float> last =
          computed(s, Way::products, 1, x.f32().data() + (images - 1) * channels * side * side,
                   weight.f32().data(), epilogue, each);
      EXPECT_TRUE(std::equal(last.begin(), last.end(),
                             whole.end() - static_cast<std::ptrdiff_t>(last.size())));
    }
  });
}

TEST(WinogradConv, ServesSquareKernelsOfThreeAndFiveWithoutStrideOrDilation) {
  const auto serves = [](auto change) {
    Windows w = shape_of(1, 1, 20, 20, 3, 1).windows;
    change(w);
    return nn::kernels::winograd_serves(w);
  };
  EXPECT_TRUE(serves([](Windows&) {}));
  EXPECT_TRUE(serves([](Windows& w) { w.kernel_h = w.kernel_w = 5; }));
  EXPECT_FALSE(serves([](Windows& w) { w.kernel_h = 5; }));
  EXPECT_FALSE(serves([](Windows& w) { w.kernel_h = w.kernel_w = 7; }));
  EXPECT_FALSE(serves([](Windows& w) { w.stride_w = 2; }));
  EXPECT_FALSE(serves([](Windows& w) { w.dilation_h = 2; }));
}

TEST(WinogradConv, IsChosenWhereItSavesWorkAndNotWhereWeightsAreNoNumbers) {
  const auto name = [](const ConvShape& s, float value) {
    const Tensor random = random_tensor(
        {s.out_channels * s.in_channels * s.windows.kernel_h * s.windows.kernel_h}, 1);
    std::vector<float> weight(random.f32().begin(), random.f32().end());
    weight[3] = value;
    const auto conv = nn::kernels::WinogradConv::choose(s, false, weight);
    return conv ? conv->name() : "none";
  };
  EXPECT_EQ(name(shape_of(20, 50, 12, 12, 5, 0), 1), "Winograd, tiles of 4 x 4");
  EXPECT_EQ(name(shape_of(32, 64, 26, 26, 3, 0), 1), "Winograd, tiles of 6 x 6");
  EXPECT_EQ(name(shape_of(1, 20, 28, 28, 5, 0), 1), "Winograd, rows of 4");
  EXPECT_EQ(name(shape_of(2, 3, 7, 7, 3, 0), 1), "none");      // nothing to gain
  EXPECT_EQ(name(shape_of(512, 512, 3, 3, 3, 1), 1), "none");  // a tile of 36 for 9 outputs
  EXPECT_EQ(name(shape_of(64, 64, 56, 56, 3, 1), 1), "Winograd, tiles of 6 x 6");
  EXPECT_EQ(name(shape_of(256, 256, 14, 14, 3, 1), 1), "Winograd, products of tiles of 2 x 2");
  EXPECT_EQ(name(shape_of(20, 50, 12, 12, 5, 0), NAN), "none");
  EXPECT_EQ(name(shape_of(20, 50, 12, 12, 5, 0), INFINITY), "none");
}

TEST(WinogradConv, TakesImagesThatCannotOverflow) {
  const ConvShape s = shape_of(20, 50, 12, 12, 5, 0);
  const auto conv =
      nn::kernels::WinogradConv::choose(s, false, random_tensor({50 * 20 * 25}, 1).f32());
  ASSERT_TRUE(conv);
  std::vector<float> image(20 * 12 * 12, 1e20F);
  EXPECT_TRUE(conv->takes(image));
  for (const float bad : {NAN, -NAN, INFINITY, -INFINITY, FLT_MAX}) {
    image[77] = bad;
    EXPECT_FALSE(conv->takes(image)) << bad;
  }
}

}  // namespace
