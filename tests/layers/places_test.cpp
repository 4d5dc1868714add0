#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nn/layers/arg_max.h>
#include <nn/layers/cum_sum.h>
#include <nn/layers/pixel_shuffle.h>
#include <nn/module.h>

#include "../compare.h"
#include "../error_of.h"
#include "../golden.h"

// Goldens of tools/golden/places.py.
namespace {

using nn::ArgMax;
using nn::Tensor;
using testing::ElementsAreArray;

Tensor stored(const std::string& name) { return golden("places.pt", name); }

void expect_floats(const nn::Module& layer, nn::ConstTensorView x, const std::string& name) {
  SCOPED_TRACE(name);
  const Tensor y = nn::apply(layer, x);
  EXPECT_EQ(y.shape(), stored(name).shape());
  EXPECT_TRUE(compare::same_bits(y.f32(), stored(name).f32()));
}

void expect_integers(const nn::Module& layer, nn::ConstTensorView x, const std::string& name) {
  SCOPED_TRACE(name);
  const Tensor y = nn::apply(layer, x);
  EXPECT_EQ(y.shape(), stored(name).shape());
  EXPECT_THAT(y.as<std::int64_t>(), ElementsAreArray(stored(name).as<std::int64_t>()));
}

std::string refusal(const nn::Module& layer, const nn::Shape& in) {
  const std::vector<nn::TensorSpec> specs{{in, nn::DType::float32}};
  return error_of([&] { layer.outputs(specs); });
}

TEST(PixelShuffle, AgreesWithPyTorchBothWays) {
  const Tensor x = stored("x");
  expect_floats(nn::PixelShuffle({.upscale_factor = 2}), x, "shuffle");
  expect_floats(nn::PixelUnshuffle({.downscale_factor = 2}), x, "unshuffle");
  expect_floats(nn::PixelShuffle({.upscale_factor = 2}), x.view().rows(1, 1).reshaped({12, 4, 6}),
                "shuffle_plane");
  const Tensor there = nn::apply(nn::PixelShuffle({.upscale_factor = 2}), x);
  EXPECT_TRUE(compare::same_bits(
      nn::apply(nn::PixelUnshuffle({.downscale_factor = 2}), there).f32(), x.f32()));
}

TEST(PixelShuffle, RefusesWhatPyTorchRefuses) {
  EXPECT_EQ(
      refusal(nn::PixelShuffle({.upscale_factor = 2}), {1, 6, 2, 2}),
      "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
      "upscale_factor, but input.size(-3)=6 is not divisible by 4");
  EXPECT_EQ(refusal(nn::PixelUnshuffle({.downscale_factor = 2}), {1, 6, 3, 2}),
            "pixel_unshuffle expects height to be divisible by downscale_factor, but "
            "input.size(-2)=3 is not divisible by 2");
  EXPECT_EQ(refusal(nn::PixelShuffle({.upscale_factor = 2}), {4, 4}),
            "pixel_shuffle expects input to have at least 3 dimensions, but got input with 2 "
            "dimension(s)");
  EXPECT_EQ(error_of([] { nn::PixelShuffle({.upscale_factor = 0}); }),
            "PixelShuffle: expected upscale_factor from 1 to 2147483647, got 0");
}

TEST(ArgMax, AgreesWithPyTorchAlongEveryDimension) {
  const Tensor y = stored("y");
  for (const std::int64_t dim : {0, 1, -1}) {
    expect_integers(ArgMax({.dim = dim}), y, nn::concat("argmax_", dim));
    expect_integers(ArgMax({.dim = dim, .keepdim = true, .op = ArgMax::Op::argmin}), y,
                    nn::concat("argmin_", dim));
  }
  expect_integers(ArgMax({}), y, "argmax_all");
  expect_integers(ArgMax({.dim = 1}), stored("integers"), "integers_argmax");
}

TEST(ArgMax, RefusesWhatPyTorchRefuses) {
  EXPECT_EQ(refusal(ArgMax({.dim = 0}), {0, 2}),
            "argmax(): Expected reduction dim 0 to have non-zero size.");
  EXPECT_EQ(refusal(ArgMax({.op = ArgMax::Op::argmin}), {0, 2}),
            "argmin(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
            "reduction dim with the 'dim' argument.");
  EXPECT_EQ(ArgMax({.dim = 1, .keepdim = true}).extra_repr(), "dim=1, keepdim=True");
}

TEST(CumSum, AgreesWithPyTorchAlongEveryDimension) {
  for (const std::int64_t dim : {0, 1, -1}) {
    SCOPED_TRACE(dim);
    const Tensor sums = nn::apply(nn::CumSum({.dim = dim}), stored("y"));
    const Tensor expected = stored(nn::concat("cumsum_", dim));
    for (std::size_t i = 0; i < sums.f32().size(); ++i) {
      EXPECT_THAT(sums.f32()[i], testing::NanSensitiveFloatEq(expected.f32()[i])) << i;
    }
  }
  expect_integers(nn::CumSum({.dim = 0}), stored("integers"), "integers_cumsum");
}

}  // namespace
