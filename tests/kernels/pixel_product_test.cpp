#include <gtest/gtest.h>
#include <numeric>
#include <vector>

#include <nn/kernels/pixel_product.h>

#include "../compare.h"
#include "../random.h"
#include "naive_conv.h"
#include "targets.h"

namespace {

using nn::Tensor;
using nn::kernels::Clamp;
using nn::kernels::ConvShape;
using nn::kernels::Epilogue;
using nn::kernels::Part;
using nn::kernels::PixelProduct;

constexpr float untouched = 1234.5F;

struct Case {
  std::int64_t in, out, pixels;
  Clamp clamp;
  Tensor x, weight, bias;  // x [pixels, in]

  Case(std::int64_t channels, std::int64_t filters, std::int64_t count)
      : in(channels),
        out(filters),
        pixels(count),
        clamp(count % 2 == 0 ? Clamp{-0.2F, 0.4F} : Clamp{}),
        x(random_tensor({count, channels}, 1)),
        weight(random_tensor({filters, channels}, 2)),
        bias(random_tensor({filters}, 3)) {}

  std::vector<float> computed(std::int64_t parts) const {
    Tensor packed({nn::kernels::pixel_product_packed_size(in, out)});
    nn::kernels::pixel_product_pack(in, out, weight.f32().data(), packed.f32().data());
    const PixelProduct product{in, out, packed.f32().data(),
                               pixels % 3 == 0 ? nullptr : bias.f32().data(), clamp};
    std::vector<float> y(index(pixels * out + 1), untouched);
    for (std::int64_t i = parts - 1; i >= 0; --i) {
      nn::kernels::pixel_product(product, pixels, x.f32().data(), {i, parts}, y.data());
    }
    EXPECT_EQ(y.back(), untouched) << "wrote beyond the output";
    y.pop_back();
    return y;
  }
};

TEST(PixelProduct, IsItsNaiveTwinForEverySizeOnEveryTarget) {
  for_each_target([] {
    for (const std::int64_t in : {1, 3, 127, 129, 300}) {
      for (const std::int64_t out : {1, 5, 16, 17, 33, 70}) {
        for (const std::int64_t pixels : {0, 1, 2, 5, 6, 7, 13, 14, 15, 29, 90}) {
          const Case c(in, out, pixels);
          const std::vector<float> planes =
              channels_last(std::vector<float>(c.x.f32().begin(), c.x.f32().end()), pixels, in);
          ConvShape shape{{}, in, out, 1};
          shape.windows.height = shape.windows.out_h = 1;
          shape.windows.width = shape.windows.out_w = pixels;
          shape.windows.kernel_h = shape.windows.kernel_w = 1;
          shape.windows.stride_h = shape.windows.stride_w = 1;
          shape.windows.dilation_h = shape.windows.dilation_w = 1;
          shape.windows.top = shape.windows.left = 0;
          const Epilogue epilogue{pixels % 3 == 0 ? nullptr : c.bias.f32().data(), c.clamp, false};
          const NaiveConv exact =
              naive_conv(shape, 1, planes.data(), c.weight.f32().data(), epilogue);
          const std::vector<float> y = c.computed(1);
          ASSERT_TRUE(compare::within_rounding(y, channels_last(exact.y, out, pixels),
                                               channels_last(exact.magnitude, out, pixels)))
              << in << " -> " << out << ", " << pixels;
          ASSERT_EQ(c.computed(3), y) << in << " -> " << out << ", " << pixels;
        }
      }
    }
  });
}

TEST(PixelProduct, APixelsBitsDependOnItAlone) {
  for_each_target([] {
    const Case all(200, 40, 31);
    Case last(200, 40, 1);
    last.clamp = all.clamp;
    std::ranges::copy(all.x.f32().last(200), last.x.f32().begin());
    const std::vector<float> y = all.computed(1);
    EXPECT_EQ(last.computed(1), std::vector<float>(y.end() - 40, y.end()));
  });
}

TEST(PixelProduct, KeepsNanWithinBounds) {
  for_each_target([] {
    Case c(4, 3, 2);
    c.x.f32()[0] = NAN;
    const std::vector<float> y = c.computed(1);
    EXPECT_TRUE(std::isnan(y[0]) && std::isnan(y[2]));
    EXPECT_FALSE(std::isnan(y[3]));
  });
}

TEST(WindowProduct, TakesValuesWhereItsTapsSay) {
  for_each_target([] {
    // Values k of pixels p at [k, p] of a plane, taken in another order.
    const Case c(5, 20, 37);
    std::vector<float> plane(index(5 * 40), untouched);
    const std::vector<std::int32_t> taps{80, 0, 160, 40, 120};
    for (std::int64_t k = 0; k < 5; ++k) {
      for (std::int64_t p = 0; p < 37; ++p) {
        plane[index(taps[index(k)] + p)] = c.x.f32()[index(p * 5 + k)];
      }
    }
    Tensor packed({nn::kernels::pixel_product_packed_size(5, 20)});
    nn::kernels::pixel_product_pack(5, 20, c.weight.f32().data(), packed.f32().data());
    std::vector<float> y(index(37 * 20));
    nn::kernels::window_product({5, 20, packed.f32().data(), c.bias.f32().data(), c.clamp}, 37,
                                plane.data(), taps.data(), y.data());
    EXPECT_EQ(y, c.computed(1));
  });
}

}  // namespace
