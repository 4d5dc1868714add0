#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include <nn/kernels/linear.h>

#include "../compare.h"
#include "../random.h"
#include "targets.h"

namespace {

using nn::Tensor;
using nn::kernels::LinearShape;

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

// Random values, the negative ones cut off.
Tensor after_relu(const nn::Shape& shape, std::uint32_t seed) {
  Tensor x = random_tensor(shape, seed);
  for (float& value : x.f32()) value = std::max(value, 0.0F);
  return x;
}

template <class Stored = float>
std::vector<float> computed(const LinearShape& s, std::int64_t rows, const float* x,
                            const float* weight, const nn::kernels::LinearEpilogue& epilogue,
                            bool skip_zeros) {
  Tensor packed =
      Tensor::uninitialized({{nn::kernels::linear_packed_size<Stored>(s)}, nn::dtype_of<Stored>});
  Stored* const stored = packed.as<Stored>().data();
  nn::kernels::linear_pack(s, weight, stored);
  constexpr float untouched = 1234.5F;
  std::vector<float> y(index(rows * s.out_features + 1), untouched);
  nn::kernels::linear<Stored>(s, rows, x, stored, epilogue, skip_zeros, {}, y.data());
  EXPECT_EQ(y.back(), untouched) << "wrote beyond the output";
  y.pop_back();
  return y;
}

TEST(LinearKernel, IsItsNaiveTwinForEverySizeOnEveryTarget) {
  for_each_target([] {
    for (const std::int64_t in : {1, 3, 127, 128, 129, 300}) {
      for (const std::int64_t out : {1, 5, 16, 17, 33, 70, 130}) {
        for (const std::int64_t rows : {0, 1, 2, 3, 5, 13}) {
          const Tensor x = random_tensor({rows, in}, 1);
          const Tensor weight = random_tensor({out, in}, 2);
          const Tensor bias = random_tensor({out}, 3);
          std::vector<double> exact;
          std::vector<float> magnitude;
          for (std::int64_t i = 0; i < rows; ++i) {
            for (std::int64_t j = 0; j < out; ++j) {
              double sum = bias.f32()[index(j)];
              double size = std::fabs(sum);
              for (std::int64_t k = 0; k < in; ++k) {
                const double product =
                    double{x.f32()[index(i * in + k)]} * double{weight.f32()[index(j * in + k)]};
                sum += product;
                size += std::fabs(product);
              }
              exact.push_back(rows % 2 == 0 ? sum : std::max(sum, 0.0));
              magnitude.push_back(static_cast<float>(size));
            }
          }
          const std::vector<float> y = computed(
              {in, out}, rows, x.f32().data(), weight.f32().data(),
              {bias.f32().data(), rows % 2 != 0 ? nn::kernels::relu_clamp : nn::kernels::Clamp{}},
              false);
          ASSERT_TRUE(compare::within_rounding(y, exact, magnitude))
              << in << " " << out << " " << rows;
        }
      }
    }
  });
}

TEST(LinearKernel, GivesARowTheSameBitsInEveryBatchAndWithoutItsZeros) {
  for_each_target([] {
    for (const std::int64_t in : {3, 130, 515}) {
      for (const std::int64_t out : {4, 40, 150}) {
        const Tensor x = after_relu({30, in}, 1);
        const Tensor weight = random_tensor({out, in}, 2);
        const std::vector<float> all =
            computed({in, out}, 30, x.f32().data(), weight.f32().data(), {}, false);
        for (std::int64_t rows = 1; rows < 30; ++rows) {
          for (const bool skip_zeros : {false, true}) {
            const std::vector<float> some =
                computed({in, out}, rows, x.f32().data() + (30 - rows) * in, weight.f32().data(),
                         {}, skip_zeros);
            ASSERT_TRUE(compare::same_bits(some, std::span(all).subspan(index((30 - rows) * out))))
                << in << " " << out << " " << rows << " " << skip_zeros;
          }
        }
      }
    }
  });
}

// The same values in another element type and back.
template <class Stored>
Tensor rounded(const Tensor& weight) {
  return nn::to(nn::to(weight, nn::dtype_of<Stored>), nn::DType::float32);
}

// Sums go over the same products in the same order, whatever the weights are stored as: so the naive
// twin of float32 weights is theirs too, and the bits of a row are one in every batch.
template <class Stored>
void expect_the_bits_of_rounded_weights() {
  for (const std::int64_t in : {1, 3, 127, 129, 256, 515}) {
    for (const std::int64_t out : {1, 5, 16, 17, 33, 70, 130}) {
      const Tensor x = after_relu({65, in}, 1);
      Tensor weight = random_tensor({out, in}, 2);
      // Denormal in float16 and in float.
      weight.f32()[0] = 0x1.8p-20F;
      weight.f32()[weight.f32().size() / 2] = 1e-40F;
      const Tensor bias = random_tensor({out}, 3);
      const std::vector<float> all =
          computed({in, out}, 65, x.f32().data(), rounded<Stored>(weight).f32().data(),
                   {bias.f32().data(), nn::kernels::relu_clamp}, false);
      for (const std::int64_t rows : {0, 1, 2, 3, 5, 13, 65}) {
        for (const bool skip_zeros : {false, true}) {
          ASSERT_TRUE(compare::same_bits(
              computed<Stored>({in, out}, rows, x.f32().data() + (65 - rows) * in,
                               weight.f32().data(), {bias.f32().data(), nn::kernels::relu_clamp},
                               skip_zeros),
              std::span(all).subspan(index((65 - rows) * out))))
              << in << " " << out << " " << rows << " " << skip_zeros;
        }
      }
    }
  }
}

TEST(LinearKernel, GivesHalfWeightsTheBitsOfTheirRoundedValues) {
  for_each_target([] {
    expect_the_bits_of_rounded_weights<nn::Float16>();
    expect_the_bits_of_rounded_weights<nn::BFloat16>();
  });
}

// Each of the 65,536 halves times 1, in whole panels and in a narrow one.
template <class Stored>
void expect_every_value() {
  for (const std::int64_t count : {65536, 3}) {
    for (std::int64_t first = 0; first < 65536; first += count) {
      std::vector<float> weight;
      for (std::int64_t i = first; i < std::min(first + count, std::int64_t{65536}); ++i) {
        weight.push_back(to_float(Stored{static_cast<std::uint16_t>(i)}));
      }
      const float one = 1;
      const auto out = static_cast<std::int64_t>(weight.size());
      const std::vector<float> y = computed<Stored>({1, out}, 1, &one, weight.data(), {}, false);
      ASSERT_TRUE(compare::within_ulps(y, weight, 0)) << first;
    }
  }
}

TEST(LinearKernel, WidensEveryHalfExactly) {
  for_each_target([] {
    expect_every_value<nn::Float16>();
    expect_every_value<nn::BFloat16>();
  });
}

// Products so small that a sum becomes -0: leaving zeros out must not show in its sign.
TEST(LinearKernel, GivesZeroOneSign) {
  for_each_target([] {
    const std::vector<float> x{1e-30F, 0, 0};
    const std::vector<float> weight{-1e-30F, 1, -1, -1e-30F, -1, 1};
    const std::vector<float> bias{-0.0F, -0.0F};
    for (const bool skip_zeros : {false, true}) {
      for (const float value :
           computed({3, 2}, 1, x.data(), weight.data(), {bias.data(), false}, skip_zeros)) {
        EXPECT_TRUE(compare::same_bits(std::vector{value}, std::vector{0.0F}));
      }
    }
  });
}

TEST(LinearKernel, KeepsNanAndInfinity) {
  for_each_target([] {
    const float infinity = std::numeric_limits<float>::infinity();
    std::vector<float> x(200, 0.0F);
    std::vector<float> weight(200 * 40, 1.0F);
    weight[0] = infinity;  // of output 0, meets a zero
    const std::vector<float> zero_times =
        computed({200, 40}, 1, x.data(), weight.data(), {nullptr, nn::kernels::relu_clamp}, false);
    EXPECT_TRUE(std::isnan(zero_times[0]));
    EXPECT_EQ(zero_times[1], 0);
    x[150] = std::numeric_limits<float>::quiet_NaN();
    for (const bool skip_zeros : {false, true}) {
      for (const float value : computed({200, 40}, 1, x.data(), weight.data(),
                                        {nullptr, nn::kernels::relu_clamp}, skip_zeros)) {
        EXPECT_TRUE(std::isnan(value));
      }
    }
  });
}

}  // namespace
