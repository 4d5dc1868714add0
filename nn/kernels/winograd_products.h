#pragma once

#include <cstdint>

#include <nn/kernels/epilogue.h>
#include <nn/kernels/winograd.h>

namespace nn::kernels {

// 3 × 3 convolutions of stride 1 by F(2×2, 3×3): four outputs from 16 instead of 36 products a pair of
// channels, as one matrix product for each of the 4 × 4 points (conv_product). For many channels and
// small images, where the packed weights of larger tiles, 64 instead of 16 floats a pair, take longer to
// come than they save. Interface as winograd.h; a part is some of the output channels. There is no
// fused pool.
std::int64_t winograd_products_packed_size(const ConvShape& shape);
void winograd_products_pack(const ConvShape& shape, const float* weight, float* packed);
std::int64_t winograd_products_scratch(const ConvShape& shape, std::int64_t images);
void winograd_products(const ConvShape& shape, std::int64_t images, const float* x,
                       const float* packed, const Epilogue& epilogue, const Part& part, float* y,
                       float* scratch);

// Tiles that are computed together: those of some images or of some rows of tiles.
struct ProductTiles {
  ProductTiles(const ConvShape& shape, std::int64_t images);

  std::int64_t rows, columns;  // of tiles, in an image
  std::int64_t strip;          // rows of tiles at once
  std::int64_t images;         // at once; more than 1 only where a strip is an image
  // Floats from one channel's tiles to the next.
  std::int64_t pitch() const { return (images * strip * columns + 31) / 16 * 16; }
};

}  // namespace nn::kernels
