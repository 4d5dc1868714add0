#pragma once

#include <cstddef>
#include <span>

namespace nn::kernels {

// A row-major tensor seen from one dimension: [outer, size, inner]. A row is the `size` values that
// lie `inner` apart.
struct RowLayout {
  std::size_t outer = 0;
  std::size_t size = 0;
  std::size_t inner = 0;
};

// Over each row, with T float or double and sums in double; y may be x.
//
//   softmax       y_i = e^(x_i - max) / Σ e^(x_j - max)
//   log_softmax   y_i = (x_i - max) - log(1 + Σ e^(x_j - max)), the sum without one largest value,
//   so
//                 that results near 0 keep their digits
//
// A row's bits depend on its values only: not on its place, its neighbours or the layout. A row
// with NaN or +inf, or of -inf alone, becomes all NaN. REQUIRES: x and y hold outer × size × inner
// values.
template <class T>
void softmax(const RowLayout& layout, std::span<const T> x, std::span<T> y);
template <class T>
void log_softmax(const RowLayout& layout, std::span<const T> x, std::span<T> y);

}  // namespace nn::kernels
