#pragma once

#include <cstdint>

#include <nn/tensor.h>

// The same tensor for the same shape and seed, everywhere: values in [-1, 1), a few of them 0.
inline nn::Tensor random_tensor(const nn::Shape& shape, std::uint32_t seed) {
  nn::Tensor result = nn::Tensor::uninitialized({shape, nn::DType::float32});
  std::uint64_t state = (std::uint64_t{seed} << 32U) | 1U;
  for (float& value : result.f32()) {
    state = state * 6364136223846793005U + 1442695040888963407U;  // Knuth's generator
    const auto bits = static_cast<std::int32_t>(state >> 32U);
    value = static_cast<float>(bits / 256) / 8388608.0F;
    if (bits % 61 == 0) value = 0;
  }
  return result;
}
