#pragma once

#include <cstdint>

namespace nn::kernels {

// y[i] = the mean of row i of x, [rows, count] -> [rows]: its sum in double, in eight lanes, so
// that the bits are the same on every instruction set, divided by count; NaN when count is 0.
void row_means(std::int64_t rows, std::int64_t count, const float* x, float* y);

// The means of columns: x [matrices, rows, columns] -> y [matrices, columns], each sum in double, from
// the first row on; NaN when rows is 0.
void column_means(std::int64_t matrices, std::int64_t rows, std::int64_t columns, const float* x,
                  float* y);

}  // namespace nn::kernels
