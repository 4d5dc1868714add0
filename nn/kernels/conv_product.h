#pragma once

#include <cstdint>

#include <nn/kernels/clamp.h>

namespace nn::kernels {

// Output pixels of a convolution as sums of products, without the matrix of windows: a panel of
// pixels is gathered at a time and meets the weights of all channels while it is in the cache.
//
//   y[o, p] = act(bias[o] + Σ_k weight[o, k] · source[at(p) + taps[k]])
struct ConvProduct {
  const float* source = nullptr;
  const std::int32_t* taps = nullptr;  // [depth]
  std::int64_t depth = 0;
  std::int64_t safe_depth = 0;  // taps behind whose pixels whole vectors may be read

  // Pixel p: image p / pixels, row p % pixels / width, column p % width.
  std::int64_t pixels = 0, width = 0;
  std::int64_t source_image = 0, source_row = 0;  // floats from one to the next in `source`

  const float* packed = nullptr;  // by conv_product_pack
  std::int64_t out_channels = 0;
  const float* bias = nullptr;  // [out_channels], or none
  Clamp clamp;

  float* y = nullptr;  // pixel 0 of channel 0
  std::int64_t y_image = 0, y_channel = 0;
};

// weight [out, depth] -> packed, as many floats: in blocks of channels whose sums fill this
// processor's registers. `conv_product` reads up to `conv_product_slack` floats behind them.
inline constexpr std::int64_t conv_product_slack = 16;
void conv_product_pack(std::int64_t out, std::int64_t depth, const float* weight, float* packed);

// Blocks of channels that `out` make, and the first channel of one (`out` for the one behind the
// last).
std::int64_t conv_product_blocks(std::int64_t out);
std::int64_t conv_product_channel(std::int64_t out, std::int64_t block);

// Floats of scratch, aligned to 64 bytes.
std::int64_t conv_product_scratch(std::int64_t out, std::int64_t depth);

// Pixels [0, count) of the blocks of channels [first, last). Each element is summed in the order of
// k, 128 products at a time: its bits depend on nothing but its pixels and weights.
void conv_product(const ConvProduct& product, std::int64_t count, std::int64_t first,
                  std::int64_t last, float* scratch);

}  // namespace nn::kernels
