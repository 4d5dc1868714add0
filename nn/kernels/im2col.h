#pragma once

#include <cstdint>

namespace nn::kernels {

// How a window slides over a plane [height, width], padded with zeros, and what comes out.
struct Windows {
  std::int64_t height = 0, width = 0;
  std::int64_t kernel_h = 1, kernel_w = 1;
  std::int64_t stride_h = 1, stride_w = 1;
  std::int64_t dilation_h = 1, dilation_w = 1;
  std::int64_t top = 0, left = 0;  // padding; below and to the right it follows from the output
  std::int64_t out_h = 0, out_w = 0;
};

// Columns [begin, end) of the matrix of windows, one column per output pixel in row-major order:
//   to[(c, i, j), column - begin] = x[c, oh * stride_h - top + i * dilation_h, ow * … ], 0 in the
//   padding.
// x [channels, height, width]; to [channels * kernel_h * kernel_w, end - begin].
// REQUIRES: 0 ≤ begin ≤ end ≤ out_h * out_w.
void im2col(const Windows& windows, std::int64_t channels, const float* x, std::int64_t begin,
            std::int64_t end, float* to);

// Of `outputs` windows along one axis, those in [first, last) meet a pixel with the kernel's cell
// at `offset` (its dilated place less the padding); the others meet the padding.
struct Range {
  std::int64_t first, last;
};
Range inside(std::int64_t outputs, std::int64_t stride, std::int64_t offset, std::int64_t size);

}  // namespace nn::kernels
