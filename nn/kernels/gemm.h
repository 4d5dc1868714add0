#pragma once

#include <cstdint>

namespace nn::kernels {

// A matrix in somebody else's memory: element (i, j) is data[i * stride + j], or, when transposed,
// data[j * stride + i].
struct Matrix {
  const float* data;
  std::int64_t stride;
  bool transposed = false;
};

// C = A B, with A [m, k], B [k, n] and C [m, n] row-major with `c_stride` floats from row to row.
// C is only written. 0 · NaN is NaN; k = 0 gives zeros.
//
// One call runs on the calling thread alone. The same shape and strides give the same bits; another
// m or n may sum in another order, so a layer that promises rows their bits always calls with one
// shape.
//
// gemm.cpp chooses between OpenBLAS and our own loops by size alone. REQUIRES: sizes in
// [0, largest_gemm_size], strides in [0, largest_gemm_size] and at least a row of the stored
// matrix, C disjoint from A and B.
void gemm(std::int64_t m, std::int64_t n, std::int64_t k, Matrix a, Matrix b, float* c,
          std::int64_t c_stride);

// What a BLAS counts with: a 32-bit int. Layers check it where they check shapes.
inline constexpr std::int64_t largest_gemm_size = 0x7fffffff;

// The two ways `gemm` goes; the second, and its question, exist where the build knows a BLAS.
// REQUIRES: k > 0, and `has_blas` for the second.
void gemm_plain(std::int64_t m, std::int64_t n, std::int64_t k, Matrix a, Matrix b, float* c,
                std::int64_t c_stride);
// Is there an OpenBLAS that runs on the calling thread alone, with memory for its buffer? Opens it
// when first asked.
bool has_blas();
void gemm_blas(std::int64_t m, std::int64_t n, std::int64_t k, Matrix a, Matrix b, float* c,
               std::int64_t c_stride);

}  // namespace nn::kernels
