#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

#include <nn/tensor.h>

// Weights and inputs of the formula in tools/golden/models.py.

inline nn::Tensor formula(const nn::Shape& shape, std::uint64_t seed) {
  nn::Tensor tensor(shape);
  std::uint64_t index = seed * 1000003;
  for (float& value : tensor.f32()) {
    auto hashed = static_cast<std::uint32_t>(index++ * 2654435761U);
    hashed ^= hashed >> 15;
    hashed *= 2246822519U;
    value = static_cast<float>(hashed >> 8) * 0x1p-24F - 0.5F;
  }
  return tensor;
}

inline float gain(const nn::Shape& shape) {
  const auto fan_in = shape.rank() > 1 ? static_cast<double>(shape.numel(1, shape.rank())) : 4.0;
  return static_cast<float>(std::exp2(std::nearbyint(std::log2(2 * std::sqrt(3 / fan_in)))));
}

// The parameter of that name and shape, the seed-th of its state dict.
inline nn::Tensor formula_parameter(std::string_view name, const nn::Shape& shape,
                                    std::uint64_t seed) {
  nn::Tensor values = formula(shape, seed);
  const bool variance = name.ends_with("running_var");
  for (float& value : values.f32()) value = variance ? value + 1 : value * gain(shape);
  return values;
}
