#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/layers/pad.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"

namespace {

using nn::Pad;
using nn::Shape;
using nn::Tensor;
using testing::ElementsAre;

// As tools/golden/pad.py has them.
const std::vector<Pad::Options> cases{
    {{1, 2}, "constant", -1.5},      {{1, 2, 3, 1}, "reflect"},
    {{1, 0, 0, 2}, "replicate"},     {{5, 4, 0, 4}, "circular"},
    {{-1, 2, 1, -2}, "constant", 0}, {{-1, 2, 1, -2}, "reflect"},
    {{-3, 1, -1, 3}, "circular"},    {{0, 0, 0, 0, 1, 1, 0, 3}, "constant", 7},
    {{1, 1, 2, 0, 1, 2}, "reflect"}, {{3, 0}, "replicate"},
    {{-2, -1}, "constant", 1},       {{1, 1}, "constant", 2},
};

TEST(Pad, AgreesWithPyTorchToTheBit) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    const Tensor y = nn::apply(Pad(cases[i]), golden("pad.pt", nn::concat(i, ".x")));
    const Tensor expected = golden("pad.pt", nn::concat(i, ".y"));
    EXPECT_EQ(y.shape(), expected.shape());
    EXPECT_TRUE(compare::same_bits(y.f32(), expected.f32()));
  }
}

TEST(Pad, TakesElementsOfAnyType) {
  const std::vector<std::int64_t> numbers{1, 2, 3};
  const Tensor x = Tensor::from(std::span<const std::int64_t>(numbers), {3});
  EXPECT_THAT(nn::apply(Pad({.pad = {1, 2}, .value = -5}), x).as<std::int64_t>(),
              ElementsAre(-5, 1, 2, 3, -5, -5));
  EXPECT_EQ(error_of([&] {
              nn::apply(Pad({.pad = {1, 2}, .value = 0.5}), x);
            }),
            "a padding of 0.5 is no element of int64");
}

TEST(Pad, KeepsRowsApartUnlessItPadsThem) {
  const std::vector<nn::TensorSpec> in{{{2, 3, 4}, nn::DType::float32}};
  EXPECT_TRUE(Pad({.pad = {1, 1}}).rows_independent(in));
  EXPECT_FALSE(Pad({.pad = {0, 0, 0, 0, 0, 1}}).rows_independent(in));
}

TEST(Pad, PrintsItsArguments) {
  EXPECT_EQ(Pad({.pad = {1, 1, 2, 2}, .mode = "reflect"}).extra_repr(),
            "(1, 1, 2, 2), mode='reflect'");
  EXPECT_EQ(Pad({.pad = {1, 0}, .value = 2}).extra_repr(), "(1, 0), value=2.0");
}

TEST(Pad, RefusesWhatPyTorchRefuses) {
  const auto refusal = [](const Pad::Options& options, const Shape& in) {
    const std::vector<nn::TensorSpec> specs{{in, nn::DType::float32}};
    return error_of([&] { Pad(options).outputs(specs); });
  };
  EXPECT_EQ(refusal({.pad = {1}}, {3}), "Pad: Padding length must be divisible by 2");
  EXPECT_EQ(refusal({.pad = {1, 1, 1, 1}}, {3}),
            "Padding length should be less than or equal to two times the input dimension but got "
            "padding length 4 and input of dimension 1");
  EXPECT_EQ(refusal({.pad = {-2, -2}}, {3}),
            "The input size 3, plus negative padding -2 and -2 resulted in a negative output size, "
            "which is invalid. Check dimension 0 of your input.");
  EXPECT_EQ(refusal({.pad = {3, 0}, .mode = "reflect"}, {1, 3}),
            "Padding size should be less than the corresponding input dimension, but got: padding "
            "(3, 0) at dimension 1 of input [1, 3]");
  EXPECT_EQ(refusal({.pad = {4, 0}, .mode = "circular"}, {1, 3}),
            "Padding value causes wrapping around more than once: (4, 0) at dimension 1 of input "
            "[1, 3]");
  EXPECT_EQ(refusal({.pad = {1, 0}, .mode = "replicate"}, {1, 0}),
            "dimension 1 of input [1, 0] is empty: nothing to pad it with");
  EXPECT_EQ(refusal({.pad = {INT64_MAX, INT64_MAX}}, {1, 3}),
            "a padding of 9223372036854775807 cells is out of range");
  EXPECT_EQ(refusal({.pad = {1, 0}, .mode = "mirror"}, {3}),
            "Pad: expected a padding of mode constant, reflect, replicate or circular, got "
            "'mirror'");
}

}  // namespace
