#pragma once

#include <nn/kernels/im2col.h>

namespace nn::kernels {

// One plane convolved with one kernel: x [height, width], weight [kernel_h, kernel_w], y [out_h,
// out_w]. The padding takes no part: NaN or infinity in a weight that meets padding alone changes
// nothing.
void depthwise(const Windows& windows, const float* x, const float* weight, float* y);

}  // namespace nn::kernels
