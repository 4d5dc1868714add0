#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/layers/max_pool2d.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"
#include "../random.h"

namespace {

using nn::MaxPool2d;
using nn::Shape;
using nn::Tensor;
using testing::ElementsAre;

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

MaxPool2d from_golden(const std::string& name, bool return_indices) {
  const Tensor stored = golden("max_pool2d.pt", name + ".arguments");
  const auto a = stored.as<std::int64_t>();
  return MaxPool2d({.kernel_size = {a[0], a[1]},
                    .stride = {a[2], a[3]},
                    .padding = {a[4], a[5]},
                    .dilation = {a[6], a[7]},
                    .return_indices = return_indices,
                    .ceil_mode = a[8] != 0});
}

std::vector<Tensor> with_indices(MaxPool2d::Options options, const Tensor& x) {
  options.return_indices = true;
  const nn::ConstTensorView view = x;
  return nn::apply(MaxPool2d(options), std::span(&view, 1));
}

TEST(MaxPool2d, AgreesWithPyTorch) {
  for (const std::string& name : golden_cases("max_pool2d.pt")) {
    SCOPED_TRACE(name);
    const Tensor x = golden("max_pool2d.pt", name + ".x");
    const Tensor expected = golden("max_pool2d.pt", name + ".y0");
    const Tensor y = nn::apply(from_golden(name, false), x);
    EXPECT_EQ(y.shape(), expected.shape());
    EXPECT_TRUE(compare::same_bits(y.f32(), expected.f32()));

    const std::vector<Tensor> both = with_indices(from_golden(name, true).options(), x);
    EXPECT_EQ(both.at(0).shape(), expected.shape());
    EXPECT_TRUE(compare::same_bits(both.at(0).f32(), expected.f32()));
    EXPECT_THAT(
        both.at(1).as<std::int64_t>(),
        testing::ElementsAreArray(golden("max_pool2d.pt", name + ".y1").as<std::int64_t>()));
  }
}

TEST(MaxPool2d, TakesTheLargestOfEachWindow) {
  const Tensor x = Tensor::from({1, 5, 2, 0,  //
                                 3, 4, 8, 7,  //
                                 0, 0, -1, -2},
                                {1, 3, 4});
  EXPECT_THAT(nn::apply(MaxPool2d({.kernel_size = 2}), x).f32(), ElementsAre(5, 8));
  EXPECT_THAT(nn::apply(MaxPool2d({.kernel_size = {1, 3}, .stride = 1}), x).f32(),
              ElementsAre(5, 5, 8, 8, 0, 0));
}

// Every window by its definition.
TEST(MaxPool2d, AgreesWithItsDefinitionForEveryWindow) {
  for (std::int64_t size = 1; size <= 9; ++size) {
    for (std::int64_t k = 1; k <= 4; ++k) {
      for (std::int64_t s = 1; s <= 3; ++s) {
        for (std::int64_t d = 1; d <= 2; ++d) {
          for (std::int64_t p = 0; p <= k / 2; ++p) {
            const MaxPool2d pool({.kernel_size = {2, k},
                                  .stride = {1, s},
                                  .padding = {1, p},
                                  .dilation = {1, d},
                                  .ceil_mode = size % 2 == 0});
            const std::int64_t out = (size + 2 * p - d * (k - 1) - 1) / s + 1;
            if (size + 2 * p < d * (k - 1) + 1 || out < 1) continue;
            const Tensor x = random_tensor({2, 3, size}, 1);
            const Tensor y = nn::apply(pool, x);
            const std::int64_t width = y.shape()[2];
            for (std::int64_t i = 0; i < y.numel(); ++i) {
              const std::int64_t channel = i / (width * 4);
              const std::int64_t oh = i / width % 4;
              const std::int64_t ow = i % width;
              float largest = -infinity;
              for (std::int64_t ih = oh - 1; ih <= oh; ++ih) {
                for (std::int64_t j = 0; j < k; ++j) {
                  const std::int64_t iw = ow * s - p + j * d;
                  if (ih < 0 || ih >= 3 || iw < 0 || iw >= size) continue;
                  const auto at = static_cast<std::size_t>((channel * 3 + ih) * size + iw);
                  largest = std::max(largest, x.f32()[at]);
                }
              }
              ASSERT_EQ(y.f32()[static_cast<std::size_t>(i)], largest);
            }
          }
        }
      }
    }
  }
}

TEST(MaxPool2d, PadsWithMinusInfinity) {
  const Tensor x = Tensor::from({-5, -5, -5, -5}, {1, 2, 2});
  EXPECT_THAT(nn::apply(MaxPool2d({.kernel_size = 3, .padding = 1}), x).f32(), ElementsAre(-5));
}

TEST(MaxPool2d, LetsNanBeatInfinityAndKeepsTheFirstOfTies) {
  const auto place = [](std::initializer_list<float> window) {
    const Tensor x = Tensor::from(window, {1, 1, 4});
    return with_indices({.kernel_size = {1, 4}}, x).at(1).as<std::int64_t>()[0];
  };
  EXPECT_EQ(place({1, infinity, nan, 2}), 2);
  EXPECT_EQ(place({nan, infinity, nan, 2}), 2);  // the last NaN
  EXPECT_EQ(place({1, 3, 3, 2}), 1);
  EXPECT_EQ(place({-infinity, -infinity, -infinity, -infinity}), 0);
  EXPECT_EQ(place({-1, 0.0F, -0.0F, -2}), 1);
  EXPECT_EQ(place({-1, -0.0F, 0.0F, -2}), 1);
}

TEST(MaxPool2d, LeavesNeighbouringImagesAsTheyAre) {
  const MaxPool2d pool({.kernel_size = 3, .stride = 2, .padding = 1});
  Tensor x = random_tensor({9, 2, 7, 7}, 3);
  const Tensor before = nn::apply(pool, x);
  x.f32()[4 * 98 + 20] = nan;
  const Tensor after = nn::apply(pool, x);
  for (std::int64_t n = 0; n < 9; ++n) {
    EXPECT_TRUE(compare::same_bits(nn::apply(pool, x.view().rows(n, 1)).f32(),
                                   after.view().rows(n, 1).f32()));
    if (n == 4) continue;
    EXPECT_TRUE(compare::same_bits(after.view().rows(n, 1).f32(), before.view().rows(n, 1).f32()));
  }
}

TEST(MaxPool2d, IsQuickForAnEnormousKernelInItsPadding) {
  const std::int64_t k = 2147483647;
  const Tensor x = random_tensor({1, 3, 4}, 3);
  const Tensor y =
      nn::apply(MaxPool2d({.kernel_size = k, .stride = k, .padding = k / 2, .ceil_mode = true}), x);
  EXPECT_EQ(y.item(), *std::ranges::max_element(x.f32()));
}

TEST(MaxPool2d, RefusesArgumentsInPyTorchsWords) {
  const auto refusal = [](const MaxPool2d::Options& options) {
    return error_of([&] { MaxPool2d pool(options); });
  };
  EXPECT_EQ(refusal({.kernel_size = 2, .stride = 0}), "MaxPool2d: stride should not be zero");
  EXPECT_EQ(refusal({.kernel_size = 2, .stride = -1}),
            "MaxPool2d: stride should be greater than zero, but got dH: -1 dW: -1");
  EXPECT_EQ(refusal({.kernel_size = -1}),
            "MaxPool2d: kernel size should be greater than zero, but got kH: -1 kW: -1");
  EXPECT_EQ(refusal({.kernel_size = 2, .dilation = 0}),
            "MaxPool2d: dilation should be greater than zero, but got dilationH: 0 dilationW: 0");
  EXPECT_EQ(refusal({.kernel_size = 2, .padding = -1}),
            "MaxPool2d: pad must be non-negative, but got pad: -1");
  EXPECT_EQ(refusal({.kernel_size = 2, .padding = 2}),
            "MaxPool2d: pad should be at most half of effective kernel size, but got pad=2, "
            "kernel_size=2 and dilation=1");
  EXPECT_EQ(refusal({.kernel_size = 3, .padding = 3, .dilation = 3}),
            "MaxPool2d: pad should be smaller than or equal to half of kernel size, but got padW = "
            "3, padH = 3, kW = 3, kH = 3");
  EXPECT_EQ(refusal({.kernel_size = std::int64_t{1} << 40}),
            "MaxPool2d: expected kernel_size to be at most 2147483647, got (1099511627776, "
            "1099511627776)");
}

TEST(MaxPool2d, RefusesInputsInPyTorchsWords) {
  const auto refusal = [](const MaxPool2d& pool, const Shape& in) {
    return error_of([&] { pool.plane(in); });
  };
  EXPECT_EQ(refusal(MaxPool2d({.kernel_size = 4}), {1, 3, 3}),
            "Given input size: (1x3x3). Calculated output size: (1x0x0). Output size is too small");
  EXPECT_EQ(refusal(MaxPool2d({.kernel_size = 4, .stride = 1, .ceil_mode = true}), {1, 3, 3}),
            "Given input size: (1x3x3). Calculated output size: (1x0x0). Output size is too small");
  const MaxPool2d two({.kernel_size = 2});
  for (const Shape& in : {Shape{1, 0, 4, 4}, {1, 1, 0, 4}, {0, 4, 4}, {4, 4}, {1, 1, 1, 4, 4}}) {
    EXPECT_EQ(refusal(two, in),
              nn::concat("Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for "
                         "input, but got:",
                         in));
  }
  EXPECT_EQ(error_of([&] {
              nn::apply(two, Tensor({1, 4, 4}, nn::DType::int64));
            }),
            "expected an input of float32, got int64");
}

TEST(MaxPool2d, SaysWhatItIs) {
  EXPECT_EQ(MaxPool2d({.kernel_size = 2}).extra_repr(),
            "kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False");
  EXPECT_EQ(MaxPool2d({.kernel_size = {2, 3}, .stride = 1, .ceil_mode = true}).extra_repr(),
            "kernel_size=(2, 3), stride=1, padding=0, dilation=1, ceil_mode=True");
  const MaxPool2d pool({.kernel_size = 2});
  const std::vector<nn::TensorSpec> batched{{{1, 1, 4, 4}, nn::DType::float32}};
  const std::vector<nn::TensorSpec> unbatched{{{1, 4, 4}, nn::DType::float32}};
  EXPECT_TRUE(pool.rows_independent(batched));
  EXPECT_FALSE(pool.rows_independent(unbatched));
  EXPECT_EQ(pool.output_count(), 1U);
  EXPECT_EQ(MaxPool2d({.kernel_size = 2, .return_indices = true}).output_count(), 2U);
}

}  // namespace
