#pragma once

#include <nn/kernels/im2col.h>

namespace nn::kernels {

// One plane convolved with one kernel: x [height, width], weight [kernel_h, kernel_w], y [out_h,
// out_w]; scratch holds depthwise_scratch(windows) floats. The padding is zeros.
void depthwise(const Windows& windows, const float* x, const float* weight, float* y,
               float* scratch);
std::int64_t depthwise_scratch(const Windows& windows);

}  // namespace nn::kernels
