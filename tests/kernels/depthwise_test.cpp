#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <optional>
#include <vector>

#include <nn/kernels/depthwise.h>

#include "../compare.h"
#include "../random.h"
#include "naive_conv.h"
#include "targets.h"

namespace {

using nn::Tensor;
using nn::kernels::Clamp;
using nn::kernels::ConvShape;
using nn::kernels::Depthwise;
using nn::kernels::Epilogue;

struct Axis {
  std::int64_t size, kernel, stride, dilation, padding;
  std::int64_t out() const {
    return (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
  }
};

ConvShape shape_of(std::int64_t channels, std::int64_t multiplier, const Axis& h, const Axis& v) {
  return {.windows = {.height = h.size,
                      .width = v.size,
                      .kernel_h = h.kernel,
                      .kernel_w = v.kernel,
                      .stride_h = h.stride,
                      .stride_w = v.stride,
                      .dilation_h = h.dilation,
                      .dilation_w = v.dilation,
                      .top = h.padding,
                      .left = v.padding,
                      .out_h = h.out(),
                      .out_w = v.out()},
          .in_channels = channels,
          .out_channels = channels * multiplier,
          .groups = channels};
}

constexpr float untouched = 1234.5F;

struct Case {
  ConvShape shape;
  std::int64_t images;
  bool max_pool;
  Tensor x, weight, bias;

  Case(const ConvShape& s, std::int64_t n, bool pool)
      : shape(s),
        images(n),
        max_pool(pool && s.windows.out_h > 1 && s.windows.out_w > 1),
        x(random_tensor({n, s.in_channels, s.windows.height, s.windows.width}, 1)),
        weight(random_tensor({s.out_channels, 1, s.windows.kernel_h, s.windows.kernel_w}, 2)),
        bias(random_tensor({s.out_channels}, 3)) {}

  Epilogue epilogue() const {
    return {images == 3 ? nullptr : bias.f32().data(),
            images % 2 == 0 ? Clamp{-0.1F, 0.3F} : Clamp{}, max_pool};
  }
  std::int64_t count() const {
    const std::int64_t step = max_pool ? 2 : 1;
    return images * shape.out_channels * (shape.windows.out_h / step) *
           (shape.windows.out_w / step);
  }
  // In so many parts, the last one first. The memory ends with the output, and nothing is read that
  // was not written.
  std::vector<float> computed(std::int64_t parts) const {
    const auto conv = Depthwise::make(shape, max_pool, weight.f32());
    EXPECT_TRUE(conv.has_value());
    Tensor scratch({conv->scratch()});
    std::vector<float> y(index(count()), untouched);
    for (std::int64_t i = parts - 1; i >= 0; --i) {
      std::ranges::fill(scratch.f32(), std::numeric_limits<float>::quiet_NaN());
      const std::vector<float> before = y;
      conv->run(images, x.f32().data(), epilogue(), {i, parts}, y.data(), scratch.f32().data());
      std::int64_t changed = 0;
      for (std::size_t k = 0; k < y.size(); ++k) {
        if (before[k] != untouched && before[k] != y[k]) ++changed;
      }
      EXPECT_EQ(changed, 0) << "outputs of other parts";
    }
    return y;
  }
};

void expect_naive(const Case& c, std::int64_t parts = 1) {
  const nn::kernels::Windows& w = c.shape.windows;
  const NaiveConv exact =
      naive_conv(c.shape, c.images, c.x.f32().data(), c.weight.f32().data(), c.epilogue());
  ASSERT_TRUE(compare::within_rounding(c.computed(parts), exact.y, exact.magnitude))
      << c.images << " x " << c.shape.in_channels << " -> " << c.shape.out_channels << ", "
      << w.height << " x " << w.width << ", kernel " << w.kernel_h << " x " << w.kernel_w
      << ", stride " << w.stride_h << " " << w.stride_w << ", dilation " << w.dilation_h << " "
      << w.dilation_w << ", padding " << w.top << " " << w.left << ", pool " << c.max_pool;
}

TEST(Depthwise, IsItsNaiveTwinForStridesDilationsAndPaddingOnEveryTarget) {
  for_each_target([] {
    std::int64_t n = 0;
    for (const std::int64_t kernel : {1, 2, 3, 5, 7}) {
      for (const std::int64_t stride : {1, 2, 3}) {
        for (const std::int64_t dilation : {1, 2}) {
          for (const std::int64_t padding : {0, 1, 3}) {
            for (const bool square : {false, true}) {
              ++n;
              const Axis h{13 + n % 5, kernel, stride, dilation, padding};
              const Axis v =
                  square ? Axis{13 + n % 23, kernel, stride, dilation, padding}
                         : Axis{9 + n % 11, 1 + n % 4, 1 + n % 3, 3 - dilation, (padding + 1) % 3};
              expect_naive(Case(shape_of(2 + n % 2, 1 + n % 3, h, v), 1 + n % 3, n % 5 == 0));
            }
          }
        }
      }
    }
  });
}

// Every number of rows left for the last block, every width of the last vector.
TEST(Depthwise, IsItsNaiveTwinForEverySizeOnEveryTarget) {
  for_each_target([] {
    for (const std::int64_t kernel : {3, 5}) {
      for (const std::int64_t stride : {1, 2}) {
        for (std::int64_t size = 1; size <= 36; ++size) {
          const Axis h{size, kernel, stride, 1, kernel / 2};
          const Axis v{37 - size, kernel, stride, 1, kernel / 2};
          expect_naive(Case(shape_of(2, 1, h, v), 1 + size % 3, size % 2 == 0));
        }
      }
    }
  });
}

// Without padding the first and the last pixel of all memory are met.
TEST(Depthwise, ReadsWithinItsMemoryOnEveryTarget) {
  for_each_target([] {
    for (const std::int64_t stride : {1, 2, 3}) {
      for (std::int64_t width = 1; width <= 70; ++width) {
        const Axis h{1, 1, 1, 1, 0};
        expect_naive(Case(shape_of(2, 1, h, {width, 1, stride, 1, 0}), 1, false));
        expect_naive(Case(shape_of(2, 1, {2, 1, 1, 1, 0}, {width + 1, 2, stride, 1, 0}), 1, false));
      }
    }
  });
}

TEST(Depthwise, IsItsNaiveTwinInStripsOnEveryTarget) {
  for_each_target([] {
    for (const std::int64_t stride : {1, 2}) {
      for (const bool pool : {false, true}) {
        const Axis h{91, 3, stride, 1, 1};
        const Axis narrow{260, 3, stride, 1, 1};
        const Axis wide{5000, 3, stride, 1, 1};
        expect_naive(Case(shape_of(2, 2, h, narrow), 1, pool), 3);
        expect_naive(Case(shape_of(2, 1, {7, 3, stride, 1, 1}, wide), 2, pool), 5);
        expect_naive(Case(shape_of(2, 1, {5001, 3, 1, 1, 1}, {3, 3, 1, 1, 1}), 1, pool), 4);
      }
    }
  });
}

TEST(Depthwise, GivesTheSameBitsInEveryBatchAndNumberOfParts) {
  for_each_target([] {
    for (const std::int64_t size : {7, 30, 120}) {
      for (const bool pool : {false, true}) {
        const Axis axis{size, 3, 1, 1, 1};
        const Case batch(shape_of(3, 2, axis, axis), 4, pool);
        const std::vector<float> whole = batch.computed(1);
        for (const std::int64_t parts : {2, 3, 12}) {
          ASSERT_TRUE(compare::same_bits(batch.computed(parts), whole)) << parts;
        }
        Case alone(batch.shape, 2, pool);  // an even number: with ReLU as before
        const std::size_t image = whole.size() / 4;
        for (std::int64_t i = 0; i < 4; i += 2) {
          std::memcpy(alone.x.f32().data(), batch.x.view().rows(i, 2).data(),
                      batch.x.view().rows(i, 2).nbytes());
          ASSERT_TRUE(compare::same_bits(alone.computed(1),
                                         std::span(whole).subspan(index(i) * image, 2 * image)));
        }
      }
    }
  });
}

TEST(Depthwise, IsPlainlyItsNaiveTwinToo) {
  for (std::int64_t n = 0; n < 60; ++n) {
    const Axis h{5 + n % 7, 1 + n % 4, 1 + n % 3, 1 + n % 2, n % 4};
    const Axis v{6 + n % 9, 1 + n % 5, 1 + n / 2 % 3, 1, n / 3 % 4};
    const Case c(shape_of(2, 1, h, v), 3, false);  // without bias and ReLU
    const nn::kernels::Windows& w = c.shape.windows;
    std::vector<float> y(index(c.count()));
    for (std::int64_t plane = 0; plane < 6; ++plane) {
      nn::kernels::depthwise_plain(w, c.x.f32().data() + plane * w.height * w.width,
                                   c.weight.f32().data() + plane % 2 * w.kernel_h * w.kernel_w,
                                   y.data() + plane * w.out_h * w.out_w);
    }
    const NaiveConv exact =
        naive_conv(c.shape, 3, c.x.f32().data(), c.weight.f32().data(), c.epilogue());
    ASSERT_TRUE(compare::within_rounding(y, exact.y, exact.magnitude)) << n;
  }
}

// 0 · inf is NaN, in the padding too.
TEST(Depthwise, PlainlyMultipliesThePadding) {
  const Axis axis{3, 3, 1, 1, 1};
  const nn::kernels::Windows windows = shape_of(1, 1, axis, axis).windows;
  const std::vector<float> x(9, 1.0F);
  std::vector<float> weight(9), y(9);
  weight[0] = std::numeric_limits<float>::infinity();  // meets the pixel above and to the left
  nn::kernels::depthwise_plain(windows, x.data(), weight.data(), y.data());
  for (std::size_t i = 0; i < 9; ++i) {
    const bool padded = i < 3 || i % 3 == 0;
    EXPECT_EQ(std::isnan(y[i]), padded) << i;
    EXPECT_EQ(std::isinf(y[i]), !padded) << i;
  }
}

// As many parts as the work is worth, none without work.
TEST(Depthwise, HasNoMorePartsThanStrips) {
  const Axis axis{56, 3, 1, 1, 1};
  const Tensor weight({64, 1, 3, 3});
  const auto many = Depthwise::make(shape_of(64, 1, axis, axis), false, weight.f32());
  EXPECT_EQ(many->parts(8, 1), 1);
  EXPECT_EQ(many->parts(8, 2), 4);
  const Axis one{2001, 3, 1, 1, 1};
  const auto two =
      Depthwise::make(shape_of(2, 1, one, {9, 3, 1, 1, 1}), false, weight.f32().subspan(0, 18));
  EXPECT_LE(two->parts(1, 64), 8);
}

// 0 · NaN is NaN, and a NaN reaches the windows that it lies in, no others.
TEST(Depthwise, KeepsNaNWithinItsWindows) {
  for_each_target([] {
    for (const std::int64_t kernel : {2, 3, 5}) {
      for (const std::int64_t size : {7, 21}) {
        for (std::int64_t at = 0; at < size * size; at += 3) {
          const Axis axis{size, kernel, 1, 1, 1};
          Case c(shape_of(2, 1, axis, axis), 1, false);
          std::ranges::fill(c.weight.f32(), 0.0F);
          c.x.f32()[index(at)] = std::numeric_limits<float>::quiet_NaN();
          const std::vector<float> y = c.computed(1);
          const std::int64_t out = axis.out(), h = at / size, v = at % size;
          for (std::int64_t i = 0; i < c.count(); ++i) {
            const std::int64_t top = i / out % out - 1, left = i % out - 1;
            const bool reached =
                i < out * out && h >= top && h < top + kernel && v >= left && v < left + kernel;
            ASSERT_EQ(std::isnan(y[index(i)]), reached) << at << " " << i;
          }
        }
      }
    }
  });
}

TEST(Depthwise, RefusesWhatItCannotCount) {
  const Axis h{3, 3, 1, 1, 0};
  const Axis v{2'000'000'000, 3, 1, 1, 0};
  EXPECT_EQ(Depthwise::make(shape_of(2, 1, h, v), false, std::vector<float>(18)), std::nullopt);
}

}  // namespace
