#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include <nn/nn.h>

#include "compare.h"
#include "error_of.h"
#include "golden.h"
#include "random.h"

namespace {

namespace F = nn::functional;
using nn::DType;
using nn::Shape;
using nn::Tensor;
using testing::Each;
using testing::ElementsAre;
using testing::IsNan;

// At most `limit` apart, relative to the larger, as float64; 2^-51 more, because near 0 PyTorch's
// log_softmax in double has that absolute error.
void expect_near(const Tensor& got, const Tensor& expected, double limit) {
  ASSERT_EQ(got.spec(), expected.spec());
  const Tensor a = to(got, DType::float64);
  const Tensor b = to(expected, DType::float64);
  for (std::size_t i = 0; i < a.as<double>().size(); ++i) {
    const double larger = std::max(std::fabs(a.as<double>()[i]), std::fabs(b.as<double>()[i]));
    EXPECT_LE(std::fabs(a.as<double>()[i] - b.as<double>()[i]), limit * larger + 0x1p-51) << i;
  }
}

TEST(Functional, SoftmaxesComputeInTheTypeAskedFor) {
  const Tensor x = golden("functional.pt", "softmaxes.x");
  for (const DType dtype : {DType::float64, DType::float16, DType::bfloat16}) {
    const double last_place = dtype == DType::float64   ? 0x1p-50
                              : dtype == DType::float16 ? 0x1p-10
                                                        : 0x1p-7;
    for (const std::int64_t dim : {0, 1, 2}) {
      const std::string name = nn::concat("softmax_", dtype, "_", dim);
      expect_near(F::softmax(x, dim, dtype), golden("functional.pt", "softmaxes." + name),
                  last_place);
      expect_near(F::log_softmax(x, dim, dtype), golden("functional.pt", "softmaxes.log_" + name),
                  last_place);
      expect_near(F::softmax(to(x, dtype), dim), F::softmax(x, dim, dtype), 0);
    }
  }
}

TEST(Functional, SoftmaxesWorkInFloatForTheHalfTypes) {
  const auto half = [](std::initializer_list<float> values) {
    return to(nn::tensor(values), DType::float16);
  };
  EXPECT_THAT(to(F::softmax(half({65504, 65504})), DType::float32).f32(), Each(0.5));
  EXPECT_THAT(to(F::softmax(half({1e5F, 0})), DType::float32).f32(), Each(IsNan()));
  EXPECT_THAT(to(F::log_softmax(half({1000, 0})), DType::float32).f32(), ElementsAre(0, -1000));
}

TEST(Functional, SoftmaxesImplyADimensionByRank) {
  const Tensor x = random_tensor({2, 3, 4}, 1);
  EXPECT_TRUE(compare::same_bits(F::softmax(x).f32(), F::softmax(x, 0).f32()));
  const Tensor matrix = random_tensor({3, 4}, 1);
  EXPECT_TRUE(compare::same_bits(F::log_softmax(matrix).f32(), F::log_softmax(matrix, 1).f32()));
  EXPECT_EQ(F::softmax(Tensor(Shape{})).item(), 1);
  EXPECT_EQ(F::softmax(Tensor({2, 0, 3}), 1).shape(), (Shape{2, 0, 3}));
}

TEST(Functional, SoftmaxesRefuseIntegersAndBoolsByPyTorchsName) {
  const auto refusal = [](DType dtype, std::int64_t dim) {
    return error_of([&] { F::softmax(Tensor({2, 3}, dtype), dim); });
  };
  EXPECT_EQ(refusal(DType::int32, 1), "\"softmax_lastdim_kernel_impl\" not implemented for 'Int'");
  EXPECT_EQ(refusal(DType::int64, 1), "\"softmax_lastdim_kernel_impl\" not implemented for 'Long'");
  EXPECT_EQ(refusal(DType::boolean, 1),
            "\"softmax_lastdim_kernel_impl\" not implemented for 'Bool'");
  EXPECT_EQ(refusal(DType::uint8, 1), "\"softmax_lastdim_kernel_impl\" not implemented for 'Byte'");
  EXPECT_EQ(refusal(DType::int8, 1), "\"softmax_lastdim_kernel_impl\" not implemented for 'Char'");
  EXPECT_EQ(refusal(DType::int16, 1),
            "\"softmax_lastdim_kernel_impl\" not implemented for 'Short'");
  EXPECT_EQ(refusal(DType::uint32, 1),
            "\"softmax_lastdim_kernel_impl\" not implemented for 'UInt32'");
  EXPECT_EQ(refusal(DType::float8_e4m3fn, 1),
            "\"softmax_lastdim_kernel_impl\" not implemented for 'Float8_e4m3fn'");
  EXPECT_EQ(refusal(DType::int32, 0), "\"softmax_kernel_impl\" not implemented for 'Int'");
  EXPECT_EQ(error_of([] {
              F::log_softmax(Tensor({2, 3}, DType::int64), -1);
            }),
            "\"log_softmax_lastdim_kernel_impl\" not implemented for 'Long'");
  EXPECT_EQ(error_of([] { F::log_softmax(Tensor({}, DType::int64)); }),
            "\"log_softmax_lastdim_kernel_impl\" not implemented for 'Long'");
  EXPECT_THAT(F::softmax(Tensor({2}, DType::int64), 0, DType::float32).f32(), Each(0.5));
}

TEST(Functional, OthersRefuseWhatIsNotFloat32ByName) {
  EXPECT_EQ(error_of([] { F::relu(Tensor({2}, DType::int32)); }),
            "expected an input of float32, got int32");
  EXPECT_EQ(error_of([] {
              F::max_pool2d(Tensor({1, 4, 4}, DType::float64), 2);
            }),
            "expected an input of float32, got float64");
}

TEST(Functional, RunsTheLayersOfTheSameNames) {
  const Tensor x = random_tensor({2, 3, 6, 7}, 1);
  const auto same = [](const Tensor& a, const Tensor& b) {
    EXPECT_EQ(a.shape(), b.shape());
    EXPECT_TRUE(compare::same_bits(a.f32(), b.f32()));
  };
  same(F::relu(x), nn::apply(nn::ReLU{}, x));
  same(F::leaky_relu(x, 0.2), nn::apply(nn::LeakyReLU({.negative_slope = 0.2}), x));
  same(F::gelu(x), nn::apply(nn::GELU{}, x));
  same(F::gelu(x, "tanh"), nn::apply(nn::GELU({.approximate = "tanh"}), x));
  same(F::silu(x), nn::apply(nn::SiLU{}, x));
  same(F::elu(x, 2), nn::apply(nn::ELU({.alpha = 2}), x));
  same(F::selu(x), nn::apply(nn::SELU{}, x));
  same(F::celu(x, 2), nn::apply(nn::CELU({.alpha = 2}), x));
  same(F::relu6(x), nn::apply(nn::ReLU6{}, x));
  same(F::hardtanh(x, 0, 0.5), nn::apply(nn::Hardtanh({.min_val = 0, .max_val = 0.5}), x));
  same(F::hardsigmoid(x), nn::apply(nn::Hardsigmoid{}, x));
  same(F::hardswish(x), nn::apply(nn::Hardswish{}, x));
  same(F::softplus(x, 2, 1), nn::apply(nn::Softplus({.beta = 2, .threshold = 1}), x));
  same(F::softsign(x), nn::apply(nn::Softsign{}, x));
  same(F::mish(x), nn::apply(nn::Mish{}, x));
  same(F::logsigmoid(x), nn::apply(nn::LogSigmoid{}, x));
  same(F::sigmoid(x), nn::apply(nn::Sigmoid{}, x));
  same(F::tanh(x), nn::apply(nn::Tanh{}, x));
  same(F::max_pool2d(x, 2), nn::apply(nn::MaxPool2d({.kernel_size = 2}), x));
  same(
      F::max_pool2d(x, {3, 2}, 1, 1, 2, true),
      nn::apply(
          nn::MaxPool2d(
              {.kernel_size = {3, 2}, .stride = 1, .padding = 1, .dilation = 2, .ceil_mode = true}),
          x));
  same(F::max_pool2d_with_indices(x, 2).values, F::max_pool2d(x, 2));
  EXPECT_EQ(F::max_pool2d_with_indices(x, 2).indices.dtype(), DType::int64);
  same(F::avg_pool2d(x, 3, 2, 1, true, false, 5),
       nn::apply(nn::AvgPool2d({.kernel_size = 3,
                                .stride = 2,
                                .padding = 1,
                                .ceil_mode = true,
                                .count_include_pad = false,
                                .divisor_override = 5}),
                 x));
  same(F::adaptive_avg_pool2d(x, 1), nn::apply(nn::AdaptiveAvgPool2d({.output_size = 1}), x));
  same(F::adaptive_avg_pool2d(x, {std::nullopt, 2}),
       nn::apply(nn::AdaptiveAvgPool2d({.output_size = {std::nullopt, 2}}), x));
  same(F::dropout(x), x);
  EXPECT_EQ(F::flatten(x).shape(), (Shape{252}));
  EXPECT_EQ(F::flatten(x, 1).shape(), (Shape{2, 126}));
  EXPECT_EQ(F::reshape(x, {-1, 7}).shape(), (Shape{36, 7}));
  EXPECT_THAT(F::add(nn::tensor({1, 2}), nn::tensor({10}), 2).f32(), ElementsAre(21, 22));
  EXPECT_THAT(F::mul(nn::tensor({1, 2}), nn::tensor({10})).f32(), ElementsAre(10, 20));
  EXPECT_THAT(F::cat({nn::tensor({1, 2}), nn::tensor({3})}).f32(), ElementsAre(1, 2, 3));
}

TEST(Functional, Conv2dTakesItsWeightsAsArguments) {
  const Tensor x = golden("functional.pt", "conv2d.x");
  const Tensor weight = golden("functional.pt", "conv2d.weight");
  const Tensor bias = golden("functional.pt", "conv2d.bias");
  const F::Conv2dOptions options{.stride = {2, 1}, .padding = {1, 0}, .groups = 2};
  const auto expect = [](const Tensor& y, const std::string& name) {
    const Tensor expected = golden("functional.pt", name);
    ASSERT_EQ(y.shape(), expected.shape());
    for (std::size_t i = 0; i < y.f32().size(); ++i) {
      EXPECT_NEAR(y.f32()[i], expected.f32()[i], 1e-5F);
    }
  };
  expect(F::conv2d(x, weight, bias, options), "conv2d.y");
  expect(F::conv2d(x, weight, {}, options), "conv2d.y_no_bias");
}

TEST(Functional, Conv2dRefusesWeightsThatDoNotFit) {
  const Tensor x({1, 2, 4, 4});
  const auto refusal = [&](const Shape& weight, std::int64_t groups, const Shape& bias) {
    const Tensor b(bias);
    return error_of([&] { F::conv2d(x, Tensor(weight), b, {.groups = groups}); });
  };
  EXPECT_EQ(refusal({3, 1, 3, 3}, 1, {3}),
            "Given groups=1, weight of size [3, 1, 3, 3], expected input[1, 2, 4, 4] to have 1 "
            "channels, but got 2 channels instead");
  EXPECT_EQ(refusal({3, 2, 3, 3}, 2, {3}),
            "Given groups=2, expected weight to be divisible by 2 at dimension 0, but got weight "
            "of size [3, 2, 3, 3] instead");
  EXPECT_EQ(refusal({3, 2, 3, 3}, 1, {2}),
            "Given weight of size [3, 2, 3, 3], expected bias to be 1-dimensional with 3 elements, "
            "but got bias of size [2] instead");
  EXPECT_EQ(refusal({0, 2, 3, 3}, 1, {0}),
            "Given groups=1, expected weight to be at least 1 at dimension 0, but got weight of "
            "size [0, 2, 3, 3] instead");
  EXPECT_EQ(refusal({3, 2, 3, 3}, 0, {3}), "non-positive groups is not supported");
  EXPECT_EQ(refusal({3, 2, 3}, 1, {3}),
            "expected weight [out_channels, in_channels / groups, kernel_h, kernel_w], got [3, 2, "
            "3]");
}

TEST(Functional, LinearTakesItsWeightsAsArguments) {
  const Tensor x = nn::tensor({{1, 2}, {3, 4}});
  const Tensor weight = nn::tensor({{1, 0}, {1, 1}, {2, -1}});
  EXPECT_THAT(F::linear(x, weight).f32(), ElementsAre(1, 3, 0, 3, 7, 2));
  EXPECT_THAT(F::linear(x, weight, nn::tensor({1, 2, 3})).f32(), ElementsAre(2, 5, 3, 4, 9, 5));
  EXPECT_EQ(error_of([&] {
              F::linear(Tensor({2, 3}), Tensor({4, 5}));
            }),
            "mm: mat1 and mat2 shapes cannot be multiplied (2x3 and 5x4)");
  EXPECT_EQ(error_of([&] { F::linear(x, weight, nn::tensor({1})); }), "expected bias [3], got [1]");
  EXPECT_EQ(error_of([&] {
              F::linear(x, nn::tensor({1, 2}));
            }),
            "expected weight [out_features, in_features], got [2]");
}

TEST(Functional, BatchNormTakesItsStatisticsAsArguments) {
  const Tensor x = golden("functional.pt", "conv2d.x");
  const auto value = [](const char* name) {
    return golden("functional.pt", std::string("batch_norm.") + name);
  };
  const Tensor mean = value("mean");
  const Tensor var = value("var");
  const Tensor gamma = value("gamma");
  const Tensor beta = value("beta");
  const auto expect = [&](const Tensor& y, const char* name) {
    ASSERT_EQ(y.shape(), value(name).shape());
    for (std::size_t i = 0; i < y.f32().size(); ++i) {
      EXPECT_NEAR(y.f32()[i], value(name).f32()[i], 2e-6F) << name;
    }
  };
  expect(F::batch_norm(x, mean, var), "plain");
  expect(F::batch_norm(x, mean, var, gamma), "weight");
  expect(F::batch_norm(x, mean, var, {}, beta), "bias");
  expect(F::batch_norm(x, mean, var, gamma, beta, 0.1), "both");
  EXPECT_EQ(error_of([&] {
              F::batch_norm(Tensor({2, 3}), nn::tensor({0, 0}), var);
            }),
            "running_mean should contain 3 elements not 2");
  EXPECT_EQ(error_of([&] {
              F::batch_norm(nn::tensor({1, 2}), mean, var);
            }),
            "expected 2D, 3D or 4D input (got 1D input)");
}

// No channels give an empty output; no rows of pixels are refused.
TEST(Functional, Conv2dOfNoChannelsIsEmpty) {
  const nn::Tensor weight({3, 0, 3, 3});
  EXPECT_EQ(nn::functional::conv2d(nn::Tensor({1, 0, 4, 4}), weight, std::nullopt, {}).shape(),
            nn::Shape({1, 0, 2, 2}));
  EXPECT_THROW(nn::functional::conv2d(nn::Tensor({1, 0, 0, 4}), weight, std::nullopt, {}),
               nn::Error);
  EXPECT_THROW(nn::functional::conv2d(nn::Tensor({1, 2, 4, 4}), weight, std::nullopt, {}),
               nn::Error);
}

}  // namespace
