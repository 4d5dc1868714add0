#pragma once

#include <cstdint>

namespace nn::kernels {

// Pools over windows of 2 x 2 that lie side by side and inside their planes, [planes, height,
// width] -> [planes, ⌊height / 2⌋, ⌊width / 2⌋]. The largest are pool.h's and the means PyTorch's,
// bit for bit.
void max_pool_2x2(std::int64_t planes, std::int64_t height, std::int64_t width, const float* x,
                  float* y);
void avg_pool_2x2(std::int64_t planes, std::int64_t height, std::int64_t width, const float* x,
                  float* y);

}  // namespace nn::kernels
