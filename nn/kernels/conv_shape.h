#pragma once

#include <cstdint>

#include <nn/kernels/im2col.h>

namespace nn::kernels {

// A convolution of images [in_channels, windows.height, windows.width].
struct ConvShape {
  Windows windows;
  std::int64_t in_channels = 0;
  std::int64_t out_channels = 0;
  std::int64_t groups = 1;
};

}  // namespace nn::kernels
