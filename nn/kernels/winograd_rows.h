#pragma once

#include <cstdint>

#include <nn/kernels/epilogue.h>
#include <nn/kernels/winograd.h>

namespace nn::kernels {

// The same convolutions by Winograd's filtering along rows only: four neighbouring outputs from 8
// (5 × 5) or 6 (3 × 3) products a kernel row instead of 20 or 12. For few input channels, where the
// two-dimensional form spends more on its transforms than it saves. Interface and limits as
// winograd.h, but a part is some of the output channels; the packed weights take
// out * in * k * points floats.
std::int64_t winograd_rows_packed_size(const ConvShape& shape);
void winograd_rows_pack(const ConvShape& shape, const float* weight, float* packed);
std::int64_t winograd_rows_scratch(const ConvShape& shape);
void winograd_rows(const ConvShape& shape, std::int64_t images, const float* x, const float* packed,
                   const Epilogue& epilogue, const Part& part, float* y, float* scratch);

}  // namespace nn::kernels
