#pragma once

#include <cstdint>

#include <nn/dtype.h>
#include <nn/kernels/clamp.h>
#include <nn/kernels/part.h>

namespace nn::kernels {

// y = x Wᵀ + b on packed weights.
struct LinearShape {
  std::int64_t in_features = 0;
  std::int64_t out_features = 0;
};

// weight [out, in] -> packed, in panels of columns of Wᵀ as this processor's kernel reads them,
// aligned to 64 bytes. `Stored` is float, Float16 or BFloat16: weights are rounded to it, to nearest
// even.
template <class Stored>
std::int64_t linear_packed_size(const LinearShape& shape);
template <class Stored>
void linear_pack(const LinearShape& shape, const float* weight, Stored* packed);

struct LinearEpilogue {
  const float* bias = nullptr;  // [out], or none
  Clamp clamp;
};

// x [rows, in] -> y [rows, out], of that the given part of the columns, in float32 whatever the
// weights are stored as, to the bits that float32 weights of the rounded values give.  REQUIRES:
// in > 0.
//
// Every element is summed in one order, 128 products at a time, so a row's bits depend on that row
// alone. With `skip_zeros` a single row reads only the weights of its non-zero values: half the
// traffic after a ReLU, and the same bits. The caller sets it where all weights are finite (0 · NaN
// is NaN).
template <class Stored>
void linear(const LinearShape& shape, std::int64_t rows, const float* x, const Stored* packed,
            const LinearEpilogue& epilogue, bool skip_zeros, const Part& part, float* y);

}  // namespace nn::kernels
