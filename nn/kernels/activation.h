#pragma once

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
};

// An elementwise function with its argument: what a producer applies to its output before storing
// it.
struct Activation {
  ActivationKind kind = ActivationKind::none;
  float negative_slope = 0;  // of leaky_relu

  friend bool operator==(const Activation&, const Activation&) = default;
};

// y[i] = activation(x[i]); y may be x.  REQUIRES: equal sizes.
void activate(Activation activation, std::span<const float> x, std::span<float> y);

}  // namespace nn::kernels
