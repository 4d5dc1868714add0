#include <array>
#include <cassert>

#include <nn/kernels/winograd_points.h>

namespace nn::kernels {
namespace {

constexpr std::array<double, 7> point{0, 1, -1, 2, -2, 0.5, -0.5};  // and infinity

// `stride` values from tap to tap and from point to point.
template <class T>
void filter_at_points(int points, int r, const T* g, int g_stride, double* values,
                      int values_stride) {
  const int finite = points - 1;
  for (int j = 0; j < finite; ++j) {
    // Lagrange: the product of the differences to the other points.
    double scale = 1;
    for (int l = 0; l < finite; ++l) {
      if (l != j) scale *= point[static_cast<std::size_t>(j)] - point[static_cast<std::size_t>(l)];
    }
    double value = 0;
    for (int k = r - 1; k >= 0; --k) {
      value = value * point[static_cast<std::size_t>(j)] + static_cast<double>(g[k * g_stride]);
    }
    values[j * values_stride] = value / scale;
  }
  values[finite * values_stride] = static_cast<double>(g[(r - 1) * g_stride]);
}

}  // namespace

void winograd_filter(int points, int r, const float* g, double* values) {
  assert(points == 6 || points == 8);
  filter_at_points(points, r, g, 1, values, 1);
}

void winograd_filter_2d(int r, const float* g, float* values) {
  double rows[8 * 5];  // [point of the row, tap of the column]
  for (int l = 0; l < r; ++l) filter_at_points(8, r, g + l, r, rows + l, r);
  for (int i = 0; i < 8; ++i) {
    double at[8];
    filter_at_points(8, r, rows + i * r, 1, at, 1);
    for (int j = 0; j < 8; ++j) values[8 * j + i] = static_cast<float>(at[j]);
  }
}

}  // namespace nn::kernels
