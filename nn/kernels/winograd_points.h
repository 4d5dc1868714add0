#pragma once

#include <cstdint>

namespace nn::kernels {

// The filter's side of Winograd's minimal filtering (Winograd 1980; Lavin and Gray, "Fast
// Algorithms for Convolutional Neural Networks", 2016): m outputs of a filter of r taps from m + r
// - 1 products, by evaluating input and filter at that many points, the last of them infinity.
//
// Eight points 0, ±1, ±2, ±1/2, ∞ serve r = 5 (m = 4) and r = 3 (m = 6): rounding errors stay near
// 3e-6 of the largest output, since no power of a point exceeds 2^5. Six points 0, ±1, ±2, ∞ serve
// r = 3, m = 4.

// values[j] = the filter g[0 … r) at point j, scaled so that the input's side (winograd_inl.h)
// needs no further factor. Computed in double. REQUIRES: points is 6 or 8.
void winograd_filter(int points, int r, const float* g, double* values);

// The same in two dimensions: g [r, r] at the 8 × 8 pairs of points, values[8 * column + row].
// REQUIRES: r is 3 or 5.
void winograd_filter_2d(int r, const float* g, float* values);

}  // namespace nn::kernels
