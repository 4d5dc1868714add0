#include <bit>
#include <cassert>
#include <cmath>
#include <limits>

#include <nn/kernels/activation.h>
#include <nn/kernels/exp.h>

namespace nn::kernels {
namespace {

// y[i] = f(x[i]), as one loop per case of aliasing so that both are vectorised.
template <class F>
void for_each(std::span<const float> x, std::span<float> y, F f) {
  assert(x.size() == y.size());
  const std::size_t size = y.size();
  float* const out = y.data();
  if (x.data() == out) {
    for (std::size_t i = 0; i < size; ++i) out[i] = f(out[i]);
  } else {
    const float* __restrict const from = x.data();
    float* __restrict const to = out;
    for (std::size_t i = 0; i < size; ++i) to[i] = f(from[i]);
  }
}

// The comparisons are written so that NaN fails them and comes out as it went in, as does -0.
float relu(float x) { return x < 0 ? 0 : x; }

// Chosen by the sign bit: gcc would compile a comparison to a branch around the product.
float leaky_relu(float x, float slope) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t scaled = std::bit_cast<std::uint32_t>(x * slope);
  const auto negative = static_cast<std::uint32_t>(static_cast<std::int32_t>(bits) >> 31);
  return std::bit_cast<float>((scaled & negative) | (bits & ~negative));
}

// e^y, and beyond every float from where it is so: PyTorch's sigmoid(-100) is 0, not 3.7e-44.
double exp_as_float(double y) {
  constexpr double log_of_largest = 88.722839;  // the next float is 3.6e-7 above
  const double at_least = y > log_of_largest ? y : log_of_largest;
  return exp_for_float(y + 1e9 * (at_least - log_of_largest));
}

// 1 / (1 + e^-x)
float sigmoid(float x) {
  return static_cast<float>(1 / (1 + exp_as_float(-static_cast<double>(x))));
}

// x sigmoid(x); -inf gives NaN (-inf / inf), as in PyTorch.
float silu(float x) {
  const double wide = x;
  return static_cast<float>(wide / (1 + exp_as_float(-wide)));
}

// tanh(|x|) = (1 - e^-2|x|) / (1 + e^-2|x|)
float tanh(float x) {
  const double wide = x;
  const double e = expm1_for_float(-2 * std::fabs(wide));
  return static_cast<float>(std::copysign(-e / (2 + e), wide));
}

// x Φ(x) = x/2 erfc(-x/√2): erfc keeps its relative accuracy where Φ is tiny, 1 + erf does not.
float gelu(float x) {
  constexpr double sqrt_half = 0.7071067811865476;
  if (x == -std::numeric_limits<float>::infinity()) return -0.0F;  // the limit, not -inf × 0
  const double wide = x;
  return static_cast<float>(0.5 * wide * std::erfc(-wide * sqrt_half));
}

// x/2 (1 + tanh(u)) = x / (1 + e^-2u) with u = √(2/π) (x + 0.044715 x³); -inf gives NaN, as in
// PyTorch.
float gelu_tanh(float x) {
  constexpr double minus_two_sqrt_2_over_pi = -1.5957691216057308;
  const double wide = x;
  const double exponent = minus_two_sqrt_2_over_pi * (wide + 0.044715 * wide * wide * wide);
  return static_cast<float>(wide / (1 + exp_for_float(exponent)));
}

}  // namespace

void activate(Activation activation, std::span<const float> x, std::span<float> y) {
  switch (activation.kind) {
    case ActivationKind::none:
      return for_each(x, y, [](float value) { return value; });
    case ActivationKind::relu:
      return for_each(x, y, [](float value) { return relu(value); });
    case ActivationKind::leaky_relu:
      return for_each(x, y, [slope = activation.negative_slope](float value) {
        return leaky_relu(value, slope);
      });
    case ActivationKind::sigmoid:
      return for_each(x, y, [](float value) { return sigmoid(value); });
    case ActivationKind::tanh:
      return for_each(x, y, [](float value) { return tanh(value); });
    case ActivationKind::gelu:
      return for_each(x, y, [](float value) { return gelu(value); });
    case ActivationKind::gelu_tanh:
      return for_each(x, y, [](float value) { return gelu_tanh(value); });
    case ActivationKind::silu:
      return for_each(x, y, [](float value) { return silu(value); });
  }
}

}  // namespace nn::kernels
