#pragma once

#include <cstdint>

namespace nn::kernels {

// y[i, j] = Σₖ a[i, k] · b[j, k] + bias[j]:  a [m, k], b [n, k], bias [n] or null, y [m, n], all
// row-major without gaps. What a Linear computes.
//
// An element's products are summed in one order that depends on k alone (sixteen partial sums, then
// those in halves), so its bits depend on its row of `a` and its row of `b`, and neither on m and n
// nor on other rows. AVX2 and AVX-512 give the same bits. 0 · NaN is NaN.
void dot_products(std::int64_t m, std::int64_t n, std::int64_t k, const float* a, const float* b,
                  const float* bias, float* y);

}  // namespace nn::kernels
