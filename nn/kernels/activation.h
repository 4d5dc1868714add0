#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace nn::kernels {

enum class ActivationKind : std::uint8_t {
  none,
  relu,
  leaky_relu,
  sigmoid,
  tanh,
  gelu,
  gelu_tanh,
  silu,
  elu,       // arguments: alpha, scale, input_scale
  hardtanh,  // lower, upper: the upper wins, and NaN makes everything NaN
  hardsigmoid,
  hardswish,
  softplus,  // beta, threshold
  softsign,
  mish,
  log_sigmoid,
};

// An elementwise function with its argument: what a producer applies to its output before storing
// it.
struct Activation {
  ActivationKind kind = ActivationKind::none;
  float negative_slope = 0;              // of leaky_relu
  std::array<double, 3> arguments = {};  // of the others, as told above

  friend bool operator==(const Activation&, const Activation&) = default;
};

// y[i] = activation(x[i]); y may be x.  REQUIRES: equal sizes.
void activate(Activation activation, std::span<const float> x, std::span<float> y);

}  // namespace nn::kernels
