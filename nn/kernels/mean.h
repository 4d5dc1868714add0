#pragma once

#include <cstdint>

namespace nn::kernels {

// y[i] = the mean of row i of x, [rows, count] -> [rows]: its sum in double, in eight lanes, so
// that the bits are the same on every instruction set, divided by count; NaN when count is 0.
void row_means(std::int64_t rows, std::int64_t count, const float* x, float* y);

}  // namespace nn::kernels
