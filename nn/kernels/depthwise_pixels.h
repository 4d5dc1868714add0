#pragma once

#include <cstdint>
#include <span>

#include <nn/kernels/clamp.h>
#include <nn/kernels/im2col.h>

namespace nn::kernels {

// A convolution of each channel with its own kernel, of images whose channels are neighbours:
//   x [height, width, channels] -> y [out_h, out_w, channels]
// Vectors of channels are summed for several neighbouring pixels at a time, tap by tap; taps in the
// padding are left out.
struct DepthwisePixels {
  Windows windows;
  std::int64_t channels = 0;
  const float* weight = nullptr;  // [kernel_h, kernel_w, channels], finite
  const float* bias = nullptr;    // [channels], or none
  Clamp clamp;
};

// Rows [first, last) of the output of one image: x and y its first pixels. An element's bits depend
// on its own pixels and weights alone.
void depthwise_pixels(const DepthwisePixels& depthwise, std::int64_t first, std::int64_t last,
                      const float* x, float* y);

}  // namespace nn::kernels
