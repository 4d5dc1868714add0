#pragma once

#include <cstdint>

#include <nn/kernels/pool.h>

namespace nn::kernels {

// Is the plane pooled by vectors of windows: side by side without dilation, one or two cells apart,
// most of them not at an edge?
bool max_pool_rows_serves(const PoolPlane& plane);

// max_pool2d of such planes, to the same bits.
void max_pool_rows(const PoolPlane& plane, std::int64_t planes, const float* x, float* y);

}  // namespace nn::kernels
