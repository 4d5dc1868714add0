// Plain loops, compiled once for each instruction set: the compiler makes vectors of them.
#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/normalise.cpp"
#include <array>
#include <cmath>
#include <cstddef>
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <nn/kernels/normalise.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

// Σ f(x[i]) in double, in eight sums side by side that the compiler makes vectors of.
template <class F>
double sum_of(std::span<const float> x, F f) {
  constexpr std::size_t lanes = 8;
  std::array<double, lanes> sums{};
  std::size_t i = 0;
  for (; i + lanes <= x.size(); i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += f(double{x[i + lane]});
  }
  for (std::size_t lane = 0; i < x.size(); ++i, ++lane) sums[lane] += f(double{x[i]});
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

}  // namespace

Statistics statistics(std::span<const float> x, double eps) {
  const auto count = static_cast<double>(x.size());
  const double mean = sum_of(x, [](double v) { return v; }) / count;
  const double squares = sum_of(x, [mean](double v) { return (v - mean) * (v - mean); });
  return {mean, 1 / std::sqrt(squares / count + eps)};
}

double inverse_rms(std::span<const float> x, double eps) {
  const double squares = sum_of(x, [](double v) { return v * v; });
  return 1 / std::sqrt(squares / static_cast<double>(x.size()) + eps);
}

void normalise_by_one(Statistics of, float weight, float bias, std::span<const float> x,
                      std::span<float> y) {
  const double scale = of.inverse * double{weight};
  for (std::size_t i = 0; i < x.size(); ++i) {
    y[i] = static_cast<float>((double{x[i]} - of.mean) * scale + double{bias});
  }
}

void normalise_by_many(Statistics of, std::span<const float> weight, std::span<const float> bias,
                       std::span<const float> x, std::span<float> y) {
  const auto value = [&](std::size_t i) { return (double{x[i]} - of.mean) * of.inverse; };
  if (weight.empty()) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      y[i] = static_cast<float>(value(i) + double{bias[i]});
    }
  } else if (bias.empty()) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      y[i] = static_cast<float>(value(i) * double{weight[i]});
    }
  } else {
    for (std::size_t i = 0; i < x.size(); ++i) {
      y[i] = static_cast<float>(value(i) * double{weight[i]} + double{bias[i]});
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {

Statistics statistics(std::span<const float> x, double eps) {
  return RUSHLIGHT_DISPATCH(statistics)(x, eps);
}

double inverse_rms(std::span<const float> x, double eps) {
  return RUSHLIGHT_DISPATCH(inverse_rms)(x, eps);
}

void normalise(Statistics of, float weight, float bias, std::span<const float> x,
               std::span<float> y) {
  RUSHLIGHT_DISPATCH(normalise_by_one)(of, weight, bias, x, y);
}

void normalise(Statistics of, std::span<const float> weight, std::span<const float> bias,
               std::span<const float> x, std::span<float> y) {
  if (weight.empty() && bias.empty()) return normalise(of, 1, 0, x, y);
  RUSHLIGHT_DISPATCH(normalise_by_many)(of, weight, bias, x, y);
}

}  // namespace nn::kernels
#endif
