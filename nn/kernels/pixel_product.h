#pragma once

#include <cstdint>

#include <nn/kernels/clamp.h>
#include <nn/kernels/im2col.h>
#include <nn/kernels/part.h>

namespace nn::kernels {

// A 1 × 1 convolution of pixels whose channels are neighbours, [pixels, in] -> [pixels, out]:
//
//   y[p, o] = clamp(bias[o] + Σ_k weight[o, k] · x[p, k])
//
// Unlike Linear's product it is made for many pixels and few channels: a block of sums fills the
// registers.
struct PixelProduct {
  std::int64_t in = 0, out = 0;
  const float* packed = nullptr;  // by pixel_product_pack
  const float* bias = nullptr;    // [out], or none
  Clamp clamp;
};

// weight [out, in] -> packed, aligned to 64 bytes: panels of two vectors of channels, the last one
// perhaps of one, padded with zeros.
std::int64_t pixel_product_packed_size(std::int64_t in, std::int64_t out);
void pixel_product_pack(std::int64_t in, std::int64_t out, const float* weight, float* packed);

// Pixels that are best computed at once, or a multiple of them.
std::int64_t pixel_product_step();

// The channels of one part of the output.
Range pixel_product_channels(std::int64_t out, const Part& part);

// x [pixels, in] -> y [pixels, out], of that one part of the channels. A pixel's bits depend on that
// pixel alone: its products are summed in one order, 128 at a time.
void pixel_product(const PixelProduct& product, std::int64_t pixels, const float* x,
                   const Part& part, float* y);

// The same for all channels of neighbouring windows whose taps meet neighbouring floats, as ConvPlanes lays them out:
// value k of pixel p is source[taps[k] + p].
void window_product(const PixelProduct& product, std::int64_t pixels, const float* source,
                    const std::int32_t* taps, float* y);

}  // namespace nn::kernels
