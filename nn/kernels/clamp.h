#pragma once

#include <limits>
#include <optional>

#include <nn/kernels/activation.h>

namespace nn::kernels {

// The bounds that a kernel keeps its results within before it stores them; NaN stays NaN, and the
// upper one wins. None unless set.
struct Clamp {
  float lower = -std::numeric_limits<float>::infinity();
  float upper = std::numeric_limits<float>::infinity();
};

inline constexpr Clamp relu_clamp{.lower = 0};

inline float clamped(float x, Clamp clamp) {
  const float raised = x < clamp.lower ? clamp.lower : x;
  return raised > clamp.upper ? clamp.upper : raised;
}

// The bounds that the activation sets, or nothing where it does more than that.
std::optional<Clamp> clamp_of(const Activation& activation);

}  // namespace nn::kernels
