#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/layers/activations.h>

#include "../error_of.h"
#include "elementwise.h"

namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

TEST(Activations, AgreeWithPyTorch) {
  expect_elementwise(nn::ELU{}, "elu");
  expect_elementwise(nn::ELU({.alpha = 2.5}), "elu_steep");
  expect_elementwise(nn::SELU{}, "selu");
  expect_elementwise(nn::CELU({.alpha = 0.5}), "celu");
  expect_elementwise(nn::ReLU6{}, "relu6");
  expect_elementwise(nn::Hardtanh{}, "hardtanh");
  expect_elementwise(nn::Hardtanh({.min_val = -0.5, .max_val = 0.25}), "hardtanh_narrow");
  expect_elementwise(nn::Clamp({.max = 2}), "clamp");
  // In PyTorch's order of roundings: three of float32.
  expect_elementwise(nn::Hardsigmoid{}, "hardsigmoid", 2);
  expect_elementwise(nn::Hardswish{}, "hardswish", 2);
  expect_elementwise(nn::Softplus{}, "softplus");
  expect_elementwise(nn::Softplus({.beta = 0.5, .threshold = 2}), "softplus_beta");
  expect_elementwise(nn::Softsign{}, "softsign");
  expect_elementwise(nn::Mish{}, "mish");
  expect_elementwise(nn::LogSigmoid{}, "log_sigmoid");
}

TEST(Activations, PrintTheirArgumentsAsPyTorchDoes) {
  EXPECT_EQ(nn::ELU({.alpha = 1, .inplace = true}).extra_repr(), "alpha=1.0, inplace=True");
  EXPECT_EQ(nn::SELU({.inplace = true}).extra_repr(), "inplace=True");
  EXPECT_EQ(nn::CELU{}.extra_repr(), "alpha=1.0");
  EXPECT_EQ(nn::ReLU6{}.extra_repr(), "");
  EXPECT_EQ(nn::Hardtanh({.inplace = true}).extra_repr(),
            "min_val=-1.0, max_val=1.0, inplace=True");
  EXPECT_EQ(nn::Softplus{}.extra_repr(), "beta=1.0, threshold=20.0");
  EXPECT_EQ(nn::Module(nn::Mish({.inplace = true})).extra_repr(), "inplace=True");
  EXPECT_EQ(nn::Module(nn::LogSigmoid{}).kind(), "LogSigmoid");
}

TEST(Activations, ClampTakesTheUpperBoundLastAndNanAsEverything) {
  const nn::Tensor x = nn::tensor({-infinity, 0, 2, 9, nan});
  EXPECT_THAT(nn::apply(nn::Clamp({.min = 3, .max = 1}), x).f32().first(4), testing::Each(1));
  EXPECT_THAT(nn::apply(nn::Clamp({.min = nan}), x).f32(), testing::Each(testing::IsNan()));
  EXPECT_THAT(nn::apply(nn::Clamp({.max = nan}), x).f32(), testing::Each(testing::IsNan()));
}

TEST(Activations, RefuseWhatPyTorchRefuses) {
  EXPECT_EQ(error_of([] { nn::CELU layer({.alpha = 0}); }),
            "CELU: ZeroDivisionError: alpha cannot be 0 for CELU");
  EXPECT_EQ(error_of([] { nn::Hardtanh layer({.min_val = 1, .max_val = 1}); }),
            "Hardtanh: expected max_val above min_val, got min_val=1.0, max_val=1.0");
}

}  // namespace
