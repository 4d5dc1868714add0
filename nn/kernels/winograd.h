#pragma once

#include <cstdint>

#include <nn/kernels/epilogue.h>
#include <nn/kernels/im2col.h>

namespace nn::kernels {

// A convolution of stride 1 with a 5 × 5 or 3 × 3 kernel by Winograd's filtering in two dimensions:
// a tile of 8 × 8 input pixels gives 4 × 4 or 6 × 6 outputs from 64 products a pair of channels,
// instead of 400 or 324. The result's error is below 4e-6 of the largest output that its input's
// magnitude allows.
struct WinogradShape {
  Windows windows;
  std::int64_t in_channels = 0;
  std::int64_t out_channels = 0;
};
bool winograd_serves(const Windows& windows);

// The filters at the 64 pairs of points, ordered as this processor's kernel reads them.
//   weight [out, in, k, k] -> packed, 64 * out * in floats, aligned to 64 bytes
void winograd_pack(const WinogradShape& shape, const float* weight, float* packed);

// Floats of scratch for `images` at a time.
std::int64_t winograd_scratch(const WinogradShape& shape, std::int64_t images);

// x [images, in, height, width] -> y [images, out, out_h, out_w], or half of both with
// epilogue.max_pool. The bits of an image depend on that image alone. An input that is not finite
// spoils its whole tile, and inputs near the largest float overflow where a plain sum does not: the
// caller computes such images another way (WinogradConv::takes).
void winograd(const WinogradShape& shape, std::int64_t images, const float* x, const float* packed,
              const Epilogue& epilogue, float* y, float* scratch);

}  // namespace nn::kernels
