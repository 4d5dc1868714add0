#pragma once

#include <cstdint>

#include <nn/kernels/conv_shape.h>
#include <nn/kernels/epilogue.h>
#include <nn/kernels/part.h>

namespace nn::kernels {

// A convolution of stride 1 with a 5 × 5 or 3 × 3 kernel by Winograd's filtering in two dimensions:
// a tile of 8 × 8 input pixels gives 4 × 4 or 6 × 6 outputs from 64 products a pair of channels,
// instead of 400 or 324. The result's error is below 4e-6 of the largest output that its input's
// magnitude allows.
bool winograd_serves(const Windows& windows);

// The filters at the 64 pairs of points, ordered as this processor's kernel reads them.
//   weight [out, in, k, k] -> packed, 64 * out * in floats, aligned to 64 bytes
void winograd_pack(const ConvShape& shape, const float* weight, float* packed);

// Floats of scratch for `images` at a time.
std::int64_t winograd_scratch(const ConvShape& shape, std::int64_t images);

// x [images, in, height, width] -> y [images, out, out_h, out_w], or half of both with
// epilogue.max_pool; of that the given part, at most one for each four tiles. The bits of an image
// depend on that image alone. An input that is not finite
// spoils its whole tile, and inputs near the largest float overflow where a plain sum does not: the
// caller computes such images another way (WinogradConv::takes).
void winograd(const ConvShape& shape, std::int64_t images, const float* x, const float* packed,
              const Epilogue& epilogue, const Part& part, float* y, float* scratch);

// Tiles of so many images.
std::int64_t winograd_tiles(const ConvShape& shape, std::int64_t images);

}  // namespace nn::kernels
