#pragma once

#include <cstdint>

#include <nn/kernels/clamp.h>

namespace nn::kernels {

// What a convolution does to its sums while they are in the cache: y = act(sums + bias), then the
// largest of each 2 × 2 pixels.
struct Epilogue {
  const float* bias = nullptr;  // [out_channels], or none
  Clamp clamp;
  bool max_pool =
      false;  // 2 × 2, stride 2: an odd last row or column is dropped, as MaxPool2d(2) does
};

// One output channel: sums [height, width], `stride` floats from row to row, into y [height, width]
// or, with max_pool, [height / 2, width / 2]. NaN beats everything in a window. A zero is +0. y may
// be `sums` when stride is the width and there is no pool.
void finish_plane(const float* sums, std::int64_t stride, std::int64_t height, std::int64_t width,
                  float bias, Clamp clamp, bool max_pool, float* y);

// The same with max_pool from sums whose neighbouring columns were compared already (larger_or_nan):
// [2 * rows, windows], `stride` floats from row to row, into y [rows, windows].
void finish_column_pairs(const float* pairs, std::int64_t stride, std::int64_t rows,
                         std::int64_t windows, float bias, Clamp clamp, float* y);

}  // namespace nn::kernels
