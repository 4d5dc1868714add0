#pragma once

#include <cstdint>

#include <nn/kernels/activation.h>

namespace nn::kernels {

// What a convolution does to its sums while they are in the cache: y = act(sums + bias), then the
// largest of each 2 × 2 pixels.
struct Epilogue {
  const float* bias = nullptr;  // [out_channels], or none
  bool relu = false;
  bool max_pool =
      false;  // 2 × 2, stride 2: an odd last row or column is dropped, as MaxPool2d(2) does
};

// One output channel: sums [height, width], `stride` floats from row to row, into y [height, width]
// or, with max_pool, [height / 2, width / 2]. NaN beats everything in a window. A zero is +0. y may
// be `sums` when stride is the width and there is no pool.
void finish_plane(const float* sums, std::int64_t stride, std::int64_t height, std::int64_t width,
                  float bias, bool relu, bool max_pool, float* y);

}  // namespace nn::kernels
