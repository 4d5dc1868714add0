#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/tensor.h>

namespace {

using nn::DType;
using nn::Error;
using nn::Shape;
using nn::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Shape, CountsElementsAndRefusesOverflowEvenBeforeAZero) {
  EXPECT_EQ(Shape({2, 3, 4}).numel(), 24);
  EXPECT_EQ(Shape().numel(), 1);
  EXPECT_EQ(Shape({3, 0}).numel(), 0);
  const std::int64_t large = std::int64_t{1} << 32;
  EXPECT_THAT(
      [&] {
        Shape({large, large, 0}).numel();
      },
      ThrowsMessage<Error>(HasSubstr("numel: integer multiplication overflow")));
  EXPECT_THAT(
      [&] {
        Tensor({large, large});
      },
      ThrowsMessage<Error>(
          HasSubstr("Storage size calculation overflowed with sizes=[4294967296, 4294967296]")));
  EXPECT_THAT(
      [] { Shape({-1}); },
      ThrowsMessage<Error>(HasSubstr("Trying to create tensor with negative dimension -1: [-1]")));
}

TEST(Shape, NormalizesDimsAsPyTorch) {
  EXPECT_EQ(nn::normalize_dim(-1, 3), 2U);
  EXPECT_EQ(nn::normalize_dim(0, 0), 0U);
  EXPECT_THAT([] { nn::normalize_dim(2, 2); },
              ThrowsMessage<Error>(testing::StrEq(
                  "Dimension out of range (expected to be in range of [-2, 1], but got 2)")));
}

TEST(Tensor, CopiesAreIndependent) {
  Tensor a = nn::tensor({1, 2, 3});
  Tensor b = a;
  b.f32()[0] = 9;
  EXPECT_THAT(a.f32(), ElementsAre(1, 2, 3));
  EXPECT_THAT(b.f32(), ElementsAre(9, 2, 3));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a.data()) % 64, 0U);
}

TEST(Tensor, AMovedFromTensorIsEmpty) {
  Tensor a = nn::tensor({1, 2});
  const Tensor b = std::move(a);
  EXPECT_EQ(b.numel(), 2);
  EXPECT_EQ(a.numel(), 0);  // NOLINT(bugprone-use-after-move): the state is documented
}

TEST(Tensor, ViewsBorrowRowsAndReshape) {
  Tensor a = nn::tensor({{1, 2}, {3, 4}, {5, 6}});
  EXPECT_THAT(a.view().rows(1, 2).f32(), ElementsAre(3, 4, 5, 6));
  EXPECT_EQ(a.view().rows(1, 2).shape(), Shape({2, 2}));
  EXPECT_EQ(a.view().reshaped({2, 3}).data(), a.data());
  EXPECT_THAT([&] { a.view().reshaped({4}); },
              ThrowsMessage<Error>(HasSubstr("shape '[4]' is invalid for input of size 6")));
  EXPECT_THAT([&] { a.as<double>(); }, ThrowsMessage<Error>(HasSubstr("float64")));
}

TEST(HalfFloats, EveryFloat16RoundTrips) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = nn::to_float(nn::Float16{static_cast<std::uint16_t>(bits)});
    const std::uint16_t back = nn::to_float16(value).bits;
    if (std::isnan(value)) {
      EXPECT_EQ(back & 0x7E00U, 0x7E00U) << bits;
    } else {
      EXPECT_EQ(back, bits);
    }
  }
}

TEST(HalfFloats, RoundToNearestEven) {
  EXPECT_EQ(nn::to_float16(65504.0F).bits, 0x7BFF);
  EXPECT_EQ(nn::to_float16(65519.0F).bits, 0x7BFF);
  EXPECT_EQ(nn::to_float16(65520.0F).bits, 0x7C00);
  EXPECT_EQ(nn::to_float16(1.0F + 0x1p-11F).bits, 0x3C00);      // tie to even
  EXPECT_EQ(nn::to_float16(1.0F + 3 * 0x1p-11F).bits, 0x3C02);  // tie to even
  EXPECT_EQ(nn::to_float16(0x1p-25F).bits, 0);                  // half the smallest: to even
  EXPECT_EQ(nn::to_float16(0x1.8p-25F).bits, 1);
  EXPECT_EQ(nn::to_bfloat16(1.0F + 0x1p-8F).bits, 0x3F80);
  EXPECT_EQ(nn::to_bfloat16(1.0F + 3 * 0x1p-8F).bits, 0x3F82);
  EXPECT_EQ(nn::to_bfloat16(std::numeric_limits<float>::max()).bits, 0x7F80);
}

}  // namespace
