#include <algorithm>
#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include <nn/kernels/activation.h>

#include "../compare.h"
#include "targets.h"

namespace {

using nn::kernels::Activation;
using nn::kernels::ActivationKind;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float slope = 0.01F;

// The exact functions, good to 1e-13.
double sigmoid(double x) { return x <= -88.7228390 ? 0 : 1 / (1 + std::exp(-x)); }
double silu(double x) { return x * sigmoid(x); }
double gelu(double x) {
  return x == -std::numeric_limits<double>::infinity()
             ? -0.0
             : 0.5 * x * std::erfc(-x * 0.70710678118654752);
}
double gelu_tanh(double x) {
  return x / (1 + std::exp(-1.5957691216057308 * (x + 0.044715 * x * x * x)));
}

double elu(double x) { return x < 0 ? std::expm1(x) : x; }
double softplus(double x) { return x > 20 ? x : std::log1p(std::exp(x)); }
// 0, not -0, where e^-x is no float.
double log_sigmoid(double x) {
  return x > 104 ? 0 : std::min(x, 0.0) - std::log1p(std::exp(-std::fabs(x)));
}
double mish(double x) { return x * std::tanh(std::log1p(std::exp(x))); }
double hardsigmoid(double x) { return std::clamp(x + 3, 0.0, 6.0) / 6; }
// As PyTorch's, whose product overflows.
double hardswish(double x) { return double{static_cast<float>(6 * x * hardsigmoid(x))} / 6; }

struct Function {
  const char* name;
  Activation activation;
  double (*exact)(double);
  // Units in the last place: half of one is the final rounding, the rest is what the kernel's own
  // arithmetic adds, next to nothing in double, less than one unit in float.
  double limit;
};

const Function functions[] = {
    {"none", {ActivationKind::none}, [](double x) { return x; }, 0},
    {"relu", {ActivationKind::relu}, [](double x) { return x < 0 ? 0 : x; }, 0},
    {"leaky_relu",
     {ActivationKind::leaky_relu, slope},
     [](double x) { return x < 0 ? x * double{slope} : x; },
     0.5},
    {"sigmoid", {ActivationKind::sigmoid}, sigmoid, 1.45},
    {"tanh", {ActivationKind::tanh}, [](double x) { return std::tanh(x); }, 1.3},
    {"gelu", {ActivationKind::gelu}, gelu, 0.7},
    {"gelu_tanh", {ActivationKind::gelu_tanh}, gelu_tanh, 0.7},
    {"silu", {ActivationKind::silu}, silu, 1.5},
    {"elu", {ActivationKind::elu, 0, {1, 1, 1}}, elu, 0.85},
    {"hardtanh",
     {ActivationKind::hardtanh, 0, {-1, 1}},
     [](double x) { return std::clamp(x, -1.0, 1.0); },
     0},
    {"hardsigmoid", {ActivationKind::hardsigmoid}, hardsigmoid, 1.6},
    {"hardswish", {ActivationKind::hardswish}, hardswish, 2.1},
    {"softplus", {ActivationKind::softplus, 0, {1, 20}}, softplus, 0.7},
    {"softsign", {ActivationKind::softsign}, [](double x) { return x / (1 + std::fabs(x)); }, 1.5},
    {"mish", {ActivationKind::mish}, mish, 0.7},
    {"log_sigmoid", {ActivationKind::log_sigmoid}, log_sigmoid, 0.7},
};

std::vector<float> results(const Activation& activation, const std::vector<float>& x) {
  std::vector<float> y(x.size());
  nn::kernels::activate(activation, x, y);
  return y;
}

// |got - exact| in units of the last place that a float of exact's size has.
double error_in_ulps(float got, double exact) {
  const auto rounded = static_cast<float>(exact);
  if (std::isnan(got) || std::isnan(rounded))
    return std::isnan(got) == std::isnan(rounded) ? 0 : 1e9;
  if (std::isinf(got) || std::isinf(rounded)) return got == rounded ? 0 : 1e9;
  int exponent = -200;
  if (exact != 0) std::frexp(exact, &exponent);
  return std::fabs(double{got} - exact) / std::ldexp(1, std::max(exponent - 24, -149));
}

// Every sign and exponent with 4000 mantissas each: two million values, NaN and infinity among
// them.
std::vector<float> sweep() {
  constexpr std::uint32_t mantissas = 4000;
  std::vector<float> values;
  values.reserve(512 * std::size_t{mantissas});
  std::uint64_t state = 1;
  for (std::uint32_t sign_and_exponent = 0; sign_and_exponent < 512; ++sign_and_exponent) {
    for (std::uint32_t i = 0; i < mantissas; ++i) {
      state = state * 6364136223846793005U + 1442695040888963407U;  // Knuth's generator
      const auto random = static_cast<std::uint32_t>(state >> 41U);
      const std::uint32_t mantissa = i == 0 ? 0 : i == 1 ? 0x7FFFFF : random;
      values.push_back(std::bit_cast<float>(sign_and_exponent << 23U | mantissa));
    }
  }
  // Where the kernels go from one way to another.
  for (const float border : {0.625F, 9.5F, 15.0F, 20.0F, 87.0F, 88.722832F, 88.722839F}) {
    for (const float around :
         {std::nextafter(border, 0.0F), border, std::nextafter(border, infinity)}) {
      values.push_back(around);
      values.push_back(-around);
    }
  }
  return values;
}

TEST(Activation, IsWithinItsLimitOfTheExactValueEverywhere) {
  const std::vector<float> x = sweep();
  for (const Function& function : functions) {
    SCOPED_TRACE(function.name);
    std::vector<double> exact;
    exact.reserve(x.size());
    for (const float value : x) exact.push_back(function.exact(value));
    for_each_target([&] {
      const std::vector<float> y = results(function.activation, x);
      double worst = 0;
      std::size_t at = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double error = error_in_ulps(y[i], exact[i]);
        if (error > worst) {
          worst = error;
          at = i;
        }
        // The sign is right even of a zero.
        ASSERT_TRUE(std::isnan(y[i]) || std::signbit(y[i]) == std::signbit(exact[i])) << x[i];
      }
      EXPECT_LE(worst, function.limit) << "at " << x[at] << ": " << y[at] << ", not " << exact[at];
    });
  }
}

TEST(Activation, HasPyTorchsValuesAtTheEdges) {
  const std::vector<float> x = {nan, infinity, -infinity, -0.0F, 0, 100, -100, 1e-45F, -1e-45F};
  struct Edges {
    Activation activation;
    std::vector<float> y;  // as many as are told
  };
  const Edges all[] = {
      {{ActivationKind::none}, x},
      {{ActivationKind::relu}, {nan, infinity, 0, -0.0F, 0, 100, 0, 1e-45F, 0}},
      {{ActivationKind::leaky_relu, slope},
       {nan, infinity, -infinity, -0.0F, 0, 100, -1, 1e-45F, -0.0F}},
      {{ActivationKind::sigmoid}, {nan, 1, 0, 0.5F, 0.5F, 1, 0, 0.5F, 0.5F}},
      {{ActivationKind::tanh}, {nan, 1, -1, -0.0F, 0, 1, -1, 1e-45F, -1e-45F}},
      {{ActivationKind::gelu}, {nan, infinity, -0.0F, -0.0F, 0, 100, -0.0F}},
      {{ActivationKind::gelu_tanh}, {nan, infinity, nan, -0.0F, 0, 100, -0.0F}},
      {{ActivationKind::silu}, {nan, infinity, nan, -0.0F, 0, 100, -0.0F}},
      {{ActivationKind::elu, 0, {1, 1, 1}}, {nan, infinity, -1, -0.0F, 0, 100, -1}},
      {{ActivationKind::hardtanh, 0, {-1, 1}}, {nan, 1, -1, -0.0F, 0, 1, -1, 1e-45F, -1e-45F}},
      {{ActivationKind::hardswish}, {nan, infinity, nan, -0.0F, 0, 100, -0.0F}},
      {{ActivationKind::softsign}, {nan, nan, nan, -0.0F, 0}},
      {{ActivationKind::mish}, {nan, infinity, nan, -0.0F, 0, 100}},
  };
  for_each_target([&] {
    for (const Edges& edges : all) {
      SCOPED_TRACE(static_cast<int>(edges.activation.kind));
      const std::vector<float> y = results(edges.activation, x);
      for (std::size_t i = 0; i < edges.y.size(); ++i) {
        EXPECT_EQ(compare::ulps(y[i], edges.y[i]), 0) << x[i];
        EXPECT_TRUE(std::isnan(y[i]) || std::signbit(y[i]) == std::signbit(edges.y[i])) << x[i];
      }
    }
  });
}

TEST(Activation, GivesAValueTheSameBitsWhereverItStands) {
  constexpr std::size_t most = 70, offsets = 17;
  constexpr float guard = 12345;
  std::vector<float> x(most + offsets);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.37F * static_cast<float>(i % 29) - 5;
  for_each_target([&] {
    for (const Function& function : functions) {
      SCOPED_TRACE(function.name);
      const std::vector<float> whole = results(function.activation, x);
      for (std::size_t offset = 0; offset < offsets; ++offset) {
        for (std::size_t size = 0; size <= most; ++size) {
          std::vector<float> y(offsets + most + 1, guard), in_place = y;
          const std::span<const float> from = std::span(x).subspan(offset, size);
          nn::kernels::activate(function.activation, from, std::span(y).subspan(offset, size));
          std::ranges::copy(from, in_place.begin() + static_cast<std::ptrdiff_t>(offset));
          const std::span<float> place = std::span(in_place).subspan(offset, size);
          nn::kernels::activate(function.activation, place, place);
          std::vector<float> expected(y.size(), guard);
          std::copy_n(whole.begin() + static_cast<std::ptrdiff_t>(offset), size,
                      expected.begin() + static_cast<std::ptrdiff_t>(offset));
          ASSERT_TRUE(compare::same_bits(y, expected)) << offset << " " << size;
          ASSERT_TRUE(compare::same_bits(in_place, expected)) << offset << " " << size;
        }
      }
    }
  });
}

}  // namespace
