#include <array>
#include <cmath>
#include <gtest/gtest.h>

#include <nn/tensor.h>

#include "golden.h"

namespace {

using nn::DType;
using nn::Tensor;

constexpr std::array types = {DType::float8_e4m3fn, DType::float8_e5m2, DType::float8_e4m3fnuz,
                              DType::float8_e5m2fnuz, DType::float8_e8m0fnu};

Tensor with_codes(const Tensor& codes, DType dtype) {
  return Tensor::copy_of({codes.data(), codes.shape(), dtype});
}

TEST(Float8, EveryCodeIsTheFloatThatPyTorchSays) {
  Tensor codes({256}, DType::uint8);
  for (std::size_t i = 0; i < 256; ++i) {
    codes.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(i);
  }
  for (const DType dtype : types) {
    const Tensor values = golden("dtype/float8.pt", to_text(dtype) + ".values");
    const Tensor got = to(with_codes(codes, dtype), DType::float32);
    for (std::size_t i = 0; i < 256; ++i) {
      const float expected = values.f32()[i];
      EXPECT_TRUE(std::isnan(expected) ? std::isnan(got.f32()[i]) : got.f32()[i] == expected)
          << to_text(dtype) << " code " << i << ": " << got.f32()[i] << ", expected " << expected;
      EXPECT_EQ(std::signbit(got.f32()[i]), std::signbit(expected))
          << to_text(dtype) << " code " << i;
    }
  }
}

TEST(Float8, EveryTieAndItsNeighboursRoundAsInPyTorch) {
  for (const DType dtype : types) {
    const Tensor x = golden("dtype/float8.pt", to_text(dtype) + ".x");
    const Tensor codes = golden("dtype/float8.pt", to_text(dtype) + ".codes");
    const Tensor got = to(x, dtype);
    EXPECT_GT(codes.numel(), 1000);
    for (std::size_t i = 0; i < x.f32().size(); ++i) {
      EXPECT_EQ(std::to_integer<int>(got.data()[i]), codes.as<std::uint8_t>()[i])
          << to_text(dtype) << " of " << x.f32()[i];
    }
  }
}

}  // namespace
