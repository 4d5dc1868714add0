#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/layers/softmax.h>

#include "../error_of.h"
#include "softmax_rows.h"

namespace {

using nn::Shape;
using nn::Softmax;
using nn::Tensor;

constexpr float infinity = std::numeric_limits<float>::infinity();

Tensor softmax(const Tensor& x, std::int64_t dim = 0) {
  return nn::apply(Softmax({.dim = dim}), x);
}

TEST(Softmax, AgreesWithPyTorch) {
  for (const std::string& name : golden_cases("softmax.pt")) {
    SCOPED_TRACE(name);
    const Tensor x = golden("softmax.pt", name + ".x");
    const Tensor y = softmax(x, golden("softmax.pt", name + ".dim").as<std::int64_t>()[0]);
    EXPECT_EQ(y.shape(), x.shape());
    const Tensor exact = golden("softmax.pt", name + ".y64");
    const Tensor torch = golden("softmax.pt", name + ".y");
    for (std::size_t i = 0; i < y.f32().size(); ++i) {
      EXPECT_TRUE(softmax_rows::close(y.f32()[i], exact.as<double>()[i]))
          << i << ": " << y.f32()[i];
      if (std::isnan(torch.f32()[i])) {
        EXPECT_TRUE(std::isnan(y.f32()[i]));
      } else {
        EXPECT_NEAR(y.f32()[i], torch.f32()[i], 2e-7F);
      }
    }
  }
}

TEST(Softmax, KeepsDenormalsBitForBit) {
  const auto second = [](float x) {
    return std::bit_cast<std::uint32_t>(softmax(nn::tensor({x, 0})).f32()[1]);
  };
  EXPECT_EQ(second(104), 0U);
  EXPECT_EQ(second(103.97F), 1U);
  EXPECT_EQ(second(103), 1U);
  EXPECT_EQ(second(100), 0x1bU);
  EXPECT_EQ(second(90), 0x8ec28U);
}

TEST(Softmax, GivesEqualValuesEqualShares) {
  const Tensor y = softmax(nn::tensor({7, 7, 7, 7, 7, 7, 7, 7, 7, 7}));
  for (const float value : y.f32()) EXPECT_EQ(std::bit_cast<std::uint32_t>(value), 0x3dcccccdU);
}

TEST(Softmax, MakesRowsThatSumToOne) {
  Tensor x = random_tensor({1000, 10}, 4);
  for (float& value : x.f32()) value *= 100;
  const Tensor y = softmax(x, 1);
  for (std::size_t row = 0; row < 1000; ++row) {
    double sum = 0;
    for (std::size_t i = 0; i < 10; ++i) {
      EXPECT_GE(y.f32()[row * 10 + i], 0);
      sum += double{y.f32()[row * 10 + i]};
    }
    EXPECT_NEAR(sum, 1, 1.2e-7);
  }
}

TEST(Softmax, IsNanForARowWithNanOrInfinityInEveryLayout) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const float bad : {nan, infinity}) {
    for (const std::int64_t dim : {0, 1, 2}) {
      Tensor x({3, 3, 3});
      x.f32()[13] = bad;
      const Tensor y = softmax(x, dim);
      std::size_t nans = 0;
      for (const float value : y.f32()) nans += std::isnan(value) ? 1 : 0;
      EXPECT_EQ(nans, 3U);
    }
  }
  const Tensor y = softmax(nn::tensor({{-infinity, -infinity}, {0, 0}}), 1);
  EXPECT_THAT(y.f32(), testing::ElementsAre(testing::IsNan(), testing::IsNan(), 0.5, 0.5));
}

TEST(Softmax, GivesARowTheSameBitsInEveryBatchPlaceAndLayout) {
  for (const std::int64_t size : {1, 2, 3, 10, 63, 64, 65, 200}) {
    softmax_rows::expect_same_bits_everywhere<Softmax>(size);
  }
  softmax_rows::expect_neighbours_kept<Softmax>();
}

TEST(Softmax, ImpliesADimensionByRankAsPyTorchDoes) {
  EXPECT_EQ(nn::implicit_softmax_dim(0), 0);
  EXPECT_EQ(nn::implicit_softmax_dim(1), 0);
  EXPECT_EQ(nn::implicit_softmax_dim(2), 1);
  EXPECT_EQ(nn::implicit_softmax_dim(3), 0);
  EXPECT_EQ(nn::implicit_softmax_dim(4), 1);
  EXPECT_EQ(nn::implicit_softmax_dim(5), 1);
  softmax_rows::expect_rows_independent_unless_along_them<Softmax>();
}

TEST(Softmax, RefusesADimensionOutOfRange) {
  EXPECT_EQ(error_of([] {
              Softmax({.dim = 2}).output_shape({4, 3});
            }),
            "Dimension out of range (expected to be in range of [-2, 1], but got 2)");
  EXPECT_EQ(error_of([] { Softmax({.dim = 1}).output_shape({}); }),
            "Dimension out of range (expected to be in range of [-1, 0], but got 1)");
  EXPECT_EQ(error_of([] {
              Softmax({.dim = -3}).output_shape({0, 0});
            }),
            "Dimension out of range (expected to be in range of [-2, 1], but got -3)");
}

TEST(Softmax, SaysWhatItIs) {
  EXPECT_EQ(Softmax({.dim = -1}).extra_repr(), "dim=-1");
  EXPECT_EQ(Softmax{}.extra_repr(), "dim=None");
}

}  // namespace
