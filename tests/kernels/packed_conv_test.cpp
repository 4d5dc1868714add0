#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <optional>
#include <vector>

#include <nn/kernels/packed_conv.h>

#include "../compare.h"
#include "../random.h"
#include "naive_conv.h"
#include "targets.h"

namespace {

using nn::Tensor;
using nn::kernels::Clamp;
using nn::kernels::ConvShape;
using nn::kernels::Epilogue;
using nn::kernels::PackedConv;
using nn::kernels::Part;

struct Axis {
  std::int64_t size, kernel, stride, dilation, padding;
  std::int64_t out() const {
    return (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
  }
};

ConvShape shape_of(std::int64_t in, std::int64_t out, std::int64_t groups, const Axis& h,
                   const Axis& v) {
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
          .in_channels = in,
          .out_channels = out,
          .groups = groups};
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
        max_pool(pool),
        x(random_tensor({n, s.in_channels, s.windows.height, s.windows.width}, 1)),
        weight(random_tensor(
            {s.out_channels, s.in_channels / s.groups, s.windows.kernel_h, s.windows.kernel_w}, 2)),
        bias(random_tensor({s.out_channels}, 3)) {}

  Epilogue epilogue() const {
    return {bias.f32().data(), images % 2 == 0 ? Clamp{-0.1F, 0.3F} : Clamp{}, max_pool};
  }
  std::int64_t count() const {
    const std::int64_t step = max_pool ? 2 : 1;
    return images * shape.out_channels * (shape.windows.out_h / step) *
           (shape.windows.out_w / step);
  }
  // In one part, or as `threads` threads would share it.
  std::vector<float> computed(int threads) const {
    const auto conv = PackedConv::make(shape, images, max_pool, weight.f32());
    EXPECT_TRUE(conv.has_value());
    Tensor scratch({conv->scratch()});
    std::ranges::fill(scratch.f32(),
                      std::numeric_limits<float>::quiet_NaN());  // nothing is read unwritten
    std::vector<float> y(index(count() + 1), untouched);
    const std::int64_t parts = conv->parts(images, threads);
    for (std::int64_t i = parts - 1; i >= 0; --i) {
      conv->run(images, x.f32().data(), epilogue(), {i, parts}, y.data(), scratch.f32().data());
    }
    EXPECT_EQ(y.back(), untouched) << "wrote beyond the output";
    y.pop_back();
    return y;
  }
};

void expect_naive(const Case& c) {
  const NaiveConv exact =
      naive_conv(c.shape, c.images, c.x.f32().data(), c.weight.f32().data(), c.epilogue());
  ASSERT_TRUE(compare::within_rounding(c.computed(1), exact.y, exact.magnitude))
      << c.shape.in_channels << " -> " << c.shape.out_channels << " groups " << c.shape.groups
      << ", " << c.shape.windows.height << " x " << c.shape.windows.width << ", kernel "
      << c.shape.windows.kernel_h << " x " << c.shape.windows.kernel_w << ", stride "
      << c.shape.windows.stride_h << " " << c.shape.windows.stride_w << ", " << c.images;
}

TEST(PackedConv, IsItsNaiveTwinForStridesDilationsAndPaddingOnEveryTarget) {
  for_each_target([] {
    std::int64_t n = 0;
    for (const std::int64_t kernel : {1, 2, 3, 5}) {
      for (const std::int64_t stride : {1, 2, 3}) {
        for (const std::int64_t dilation : {1, 2}) {
          for (const std::int64_t padding : {0, 1, 3}) {
            ++n;
            const Axis h{9 + n % 3, kernel, stride, dilation, padding};
            const Axis v{9 + n % 11, 1 + n % 4, 1 + n % 2, 3 - dilation, (padding + 1) % 3};
            expect_naive(Case(shape_of(1 + n % 4, 1 + n % 9, 1, h, v), 1 + n % 3,
                              n % 5 == 0 && h.out() > 1 && v.out() > 1));
          }
        }
      }
    }
  });
}

TEST(PackedConv, SumsTheLastFewPixelsAsAllOthers) {
  for_each_target([] {
    for (const std::int64_t out : {12, 25, 100}) {
      for (const std::int64_t pixels : {1, 3, 7, 8, 17, 23, 24, 33, 39, 50}) {
        const Axis h{1, 1, 1, 1, 0}, v{pixels, 1, 1, 1, 0};
        const Case whole(shape_of(140, out, 1, h, v), 1, false);
        expect_naive(whole);
        ASSERT_EQ(whole.computed(2), whole.computed(1)) << out << " " << pixels;
        // A pixel's sum does not depend on how many are beside it.
        Case first(shape_of(140, out, 1, h, Axis{1, 1, 1, 1, 0}), 1, false);
        for (std::int64_t c = 0; c < 140; ++c) {
          first.x.f32()[index(c)] = whole.x.f32()[index(c * pixels + pixels - 1)];
        }
        first.images = whole.images;
        const std::vector<float> alone = first.computed(1), all = whole.computed(1);
        for (std::int64_t o = 0; o < out; ++o) {
          ASSERT_EQ(alone[index(o)], all[index(o * pixels + pixels - 1)]) << out << " " << pixels;
        }
      }
    }
  });
}

TEST(PackedConv, IsItsNaiveTwinForChannelsAndGroupsOnEveryTarget) {
  for_each_target([] {
    for (const std::int64_t groups : {1, 3}) {
      for (const std::int64_t in : {1, 2, 15}) {
        for (const std::int64_t out : {1, 2, 5, 12, 13, 31}) {
          for (const std::int64_t width : {4, 7, 17, 40}) {
            const Axis h{6, 3, 1, 1, 1};
            const Axis v{width, 3, 1, 1, 0};
            expect_naive(
                Case(shape_of(in * groups, out * groups, groups, h, v), 1 + width % 2, width == 7));
          }
        }
      }
    }
  });
}

// Whole vectors are read from the image itself: not behind its end.
TEST(PackedConv, ReadsPointwiseImagesWithinTheirMemoryOnEveryTarget) {
  for_each_target([] {
    for (const std::int64_t in : {1, 2, 20}) {
      for (const std::int64_t size : {1, 3, 5, 9}) {
        for (const std::int64_t images : {1, 4}) {
          const Axis axis{size, 1, 1, 1, 0};
          expect_naive(Case(shape_of(in, 5, 1, axis, axis), images, false));
          expect_naive(Case(shape_of(2 * in, 6, 2, axis, axis), images, size > 1));
        }
      }
    }
  });
}

// Larger than the sums of one go and than one strip of rows.
TEST(PackedConv, IsItsNaiveTwinInStripsOnEveryTarget) {
  for_each_target([] {
    const Axis h{40, 3, 1, 1, 1};
    const Axis v{70, 3, 1, 1, 1};
    expect_naive(Case(shape_of(30, 3, 1, h, v), 1, false));
    expect_naive(Case(shape_of(30, 2, 1, h, v), 2, true));
  });
}

TEST(PackedConv, GivesTheSameBitsInEveryBatchAndNumberOfParts) {
  for_each_target([] {
    const Axis large{40, 3, 2, 1, 1};
    const Axis small{7, 3, 1, 1, 1};
    for (const Axis& axis : {small, large}) {
      for (const bool pool : {false, true}) {
        const Case batch(shape_of(64, 72, 1, axis, axis), 6, pool);
        const std::vector<float> whole = batch.computed(1);
        for (const int threads : {2, 3, 8}) {
          ASSERT_TRUE(compare::same_bits(batch.computed(threads), whole)) << threads;
        }
        Case alone(batch.shape, 1, pool);
        const std::size_t image = whole.size() / 6;
        for (std::int64_t i = 0; i < 6; ++i) {
          std::memcpy(alone.x.f32().data(), batch.x.view().rows(i, 1).data(),
                      batch.x.view().rows(i, 1).nbytes());
          Epilogue epilogue = batch.epilogue();
          const auto conv = PackedConv::make(alone.shape, 1, pool, alone.weight.f32());
          Tensor scratch({conv->scratch()});
          std::vector<float> y(image);
          conv->run(1, alone.x.f32().data(), epilogue, {}, y.data(), scratch.f32().data());
          ASSERT_TRUE(compare::same_bits(y, std::span(whole).subspan(index(i) * image, image)));
        }
      }
    }
  });
}

// 0 · NaN is NaN, and a NaN reaches the windows that it lies in, no others.
TEST(PackedConv, KeepsNaNWithinItsWindows) {
  for_each_target([] {
    const Axis axis{20, 3, 1, 1, 1};
    Case c(shape_of(2, 3, 1, axis, axis), 1, false);
    const std::vector<float> before = c.computed(1);
    c.x.f32()[index(10 * 20 + 7)] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> after = c.computed(1);
    for (std::int64_t i = 0; i < c.count(); ++i) {
      const std::int64_t row = i / 20 % 20, column = i % 20;
      const bool reached = row >= 9 && row <= 11 && column >= 6 && column <= 8;
      ASSERT_EQ(std::isnan(after[index(i)]), reached) << i;
      if (!reached) {
        ASSERT_EQ(after[index(i)], before[index(i)]);
      }
    }
  });
}

TEST(PackedConv, RefusesWhatItCannotCount) {
  const Axis h{3, 3, 1, 1, 0};
  const Axis v{2'000'000'000, 3, 1, 1, 0};
  EXPECT_EQ(PackedConv::make(shape_of(1, 1, 1, h, v), 1, false, std::vector<float>(9)),
            std::nullopt);
  // Taps of planes beyond 32 bits, though one of them is not.
  const Axis pointwise{50'000, 1, 1, 1, 0};
  EXPECT_EQ(
      PackedConv::make(shape_of(8, 1, 1, pointwise, pointwise), 1, false, std::vector<float>(8)),
      std::nullopt);
}

}  // namespace
