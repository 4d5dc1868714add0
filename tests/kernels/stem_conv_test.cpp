#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include <nn/kernels/stem_conv.h>

#include "../compare.h"
#include "../random.h"
#include "naive_conv.h"
#include "targets.h"

namespace {

using nn::Tensor;
using nn::kernels::Clamp;
using nn::kernels::ConvShape;
using nn::kernels::Epilogue;
using nn::kernels::StemConv;

ConvShape shape_of(std::int64_t in, std::int64_t out, std::int64_t width, std::int64_t kernel,
                   std::int64_t stride) {
  ConvShape s{{}, in, out, 1};
  nn::kernels::Windows& w = s.windows;
  w.height = 37;
  w.width = width;
  w.kernel_h = w.kernel_w = kernel;
  w.stride_h = w.stride_w = stride;
  w.dilation_h = w.dilation_w = 1;
  w.top = w.left = kernel / 2;
  w.out_h = (w.height - 1) / stride + 1;
  w.out_w = (w.width - 1) / stride + 1;
  return s;
}

TEST(StemConv, IsItsNaiveTwinWithChannelsLastOnEveryTarget) {
  for_each_target([] {
    for (const std::int64_t kernel : {1, 3, 7}) {
      for (const std::int64_t stride : {1, 2, 4}) {
        for (const std::int64_t out : {8, 33}) {
          const ConvShape s = shape_of(3, out, 28 * stride + out, kernel, stride);
          ASSERT_TRUE(StemConv::serves(s));
          const StemConv stem(s, random_tensor({out, 3, kernel, kernel}, 2).f32());
          const Tensor x = random_tensor({2, 3, s.windows.height, s.windows.width}, 1);
          const Tensor bias = random_tensor({out}, 3);
          const Epilogue epilogue{bias.f32().data(), Clamp{-0.3F, 0.5F}, false};
          const NaiveConv exact =
              naive_conv(s, 2, x.f32().data(),
                         random_tensor({out, 3, kernel, kernel}, 2).f32().data(), epilogue);
          const std::int64_t pixels = s.windows.out_h * s.windows.out_w;
          std::vector<float> y(index(2 * out * pixels), 1234.5F);
          std::vector<float> scratch(index(stem.scratch()),
                                     std::numeric_limits<float>::quiet_NaN());
          for (const std::int64_t part : {2, 1, 0}) {
            stem.run(2, x.f32().data(), epilogue.bias, epilogue.clamp, {part, 3}, y.data(),
                     scratch.data());
          }
          ASSERT_TRUE(compare::within_rounding(y, channels_last(exact.y, out, pixels),
                                               channels_last(exact.magnitude, out, pixels)))
              << kernel << " " << stride << " " << out;
        }
      }
    }
  });
}

TEST(StemConv, LeavesManyChannelsAndNarrowImagesToOthers) {
  EXPECT_FALSE(StemConv::serves(shape_of(64, 8, 64, 3, 1)));
  EXPECT_FALSE(StemConv::serves(shape_of(3, 8, 14, 3, 1)));
}

}  // namespace
