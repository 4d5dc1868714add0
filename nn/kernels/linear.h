#pragma once

#include <cstdint>

#include <nn/kernels/part.h>

namespace nn::kernels {

// y = x Wᵀ + b on packed weights.
struct LinearShape {
  std::int64_t in_features = 0;
  std::int64_t out_features = 0;
};

// weight [out, in] -> packed, in panels of columns of Wᵀ as this processor's kernel reads them,
// aligned to 64 bytes.
std::int64_t linear_packed_size(const LinearShape& shape);
void linear_pack(const LinearShape& shape, const float* weight, float* packed);

struct LinearEpilogue {
  const float* bias = nullptr;  // [out], or none
  bool relu = false;
};

// x [rows, in] -> y [rows, out], of that the given part of the columns.  REQUIRES: in > 0.
//
// Every element is summed in one order, 128 products at a time, so a row's bits depend on that row
// alone. With `skip_zeros` a single row reads only the weights of its non-zero values: half the
// traffic after a ReLU, and the same bits. The caller sets it where all weights are finite (0 · NaN
// is NaN).
void linear(const LinearShape& shape, std::int64_t rows, const float* x, const float* packed,
            const LinearEpilogue& epilogue, bool skip_zeros, const Part& part, float* y);

}  // namespace nn::kernels
