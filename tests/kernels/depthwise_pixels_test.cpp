#include <gtest/gtest.h>
#include <vector>

#include <nn/kernels/depthwise_pixels.h>

#include "../compare.h"
#include "../random.h"
#include "naive_conv.h"
#include "targets.h"

namespace {

using nn::Tensor;
using nn::kernels::Clamp;
using nn::kernels::ConvShape;
using nn::kernels::DepthwisePixels;
using nn::kernels::Epilogue;

constexpr float untouched = 1234.5F;

// Computed from the last row to the first, as threads might.
std::vector<float> computed(const ConvShape& s, const Tensor& x, const Tensor& weight,
                            const Epilogue& epilogue) {
  const nn::kernels::Windows& w = s.windows;
  const std::int64_t channels = s.groups;
  const auto last = [&](const Tensor& t, std::int64_t pixels) {
    return channels_last(std::vector<float>(t.f32().begin(), t.f32().end()), channels, pixels);
  };
  const std::vector<float> images = last(x, w.height * w.width);
  const std::vector<float> kernels = last(weight, w.kernel_h * w.kernel_w);
  const DepthwisePixels depthwise{w, channels, kernels.data(), epilogue.bias, epilogue.clamp};
  std::vector<float> y(index(w.out_h * w.out_w * channels + 1), untouched);
  for (std::int64_t row = w.out_h - 1; row >= 0; --row) {
    nn::kernels::depthwise_pixels(depthwise, row, row + 1, images.data(), y.data());
  }
  EXPECT_EQ(y.back(), untouched) << "wrote beyond the output";
  y.pop_back();
  return y;
}

TEST(DepthwisePixels, IsItsNaiveTwinForStridesDilationsAndPaddingOnEveryTarget) {
  for_each_target([] {
    std::int64_t n = 0;
    for (const std::int64_t kernel : {1, 2, 3, 5, 7}) {
      for (const std::int64_t stride : {1, 2, 3}) {
        for (const std::int64_t dilation : {1, 2}) {
          for (const std::int64_t padding : {0, 1, 3, 6}) {
            ++n;
            ConvShape s;
            s.in_channels = s.out_channels = s.groups = 1 + n * 7 % 37;
            nn::kernels::Windows& w = s.windows;
            w.height = 7 + n % 5;
            w.width = 7 + n % 23;
            w.kernel_h = kernel;
            w.kernel_w = 1 + (kernel + n) % 5;
            w.stride_h = stride;
            w.stride_w = 1 + n % 2;
            w.dilation_h = dilation;
            w.dilation_w = 3 - dilation;
            w.top = padding;
            w.left = (padding + n) % 5;
            const std::int64_t tall = w.height + 2 * w.top - dilation * (kernel - 1);
            const std::int64_t wide = w.width + 2 * w.left - w.dilation_w * (w.kernel_w - 1);
            if (tall < 1 || wide < 1) continue;
            w.out_h = (tall - 1) / w.stride_h + 1;
            w.out_w = (wide - 1) / w.stride_w + 1;
            const Tensor x = random_tensor({s.groups, w.height, w.width}, 1);
            const Tensor weight = random_tensor({s.groups, w.kernel_h, w.kernel_w}, 2);
            const Tensor bias = random_tensor({s.groups}, 3);
            const Epilogue epilogue{n % 3 == 0 ? nullptr : bias.f32().data(),
                                    n % 2 == 0 ? Clamp{-0.1F, 0.3F} : Clamp{}, false};
            const NaiveConv exact = naive_conv(s, 1, x.f32().data(), weight.f32().data(), epilogue);
            const std::int64_t pixels = w.out_h * w.out_w;
            ASSERT_TRUE(compare::within_rounding(computed(s, x, weight, epilogue),
                                                 channels_last(exact.y, s.groups, pixels),
                                                 channels_last(exact.magnitude, s.groups, pixels)))
                << n << ": " << s.groups << " channels, " << w.height << " x " << w.width
                << ", kernel " << w.kernel_h << " x " << w.kernel_w << ", stride " << w.stride_h
                << " " << w.stride_w << ", padding " << w.top << " " << w.left;
          }
        }
      }
    }
  });
}

}  // namespace
