#include <array>
#include <cassert>

#include <nn/kernels/winograd_points.h>

namespace nn::kernels {
namespace {

constexpr std::array<double, 7> point{0, 1, -1, 2, -2, 0.5, -0.5};  // and infinity

// Lagrange: the product of the differences of point j to the other finite ones.
constexpr double scale_of(std::size_t j, std::size_t finite) {
  double scale = 1;
  for (std::size_t l = 0; l < finite; ++l) {
    if (l != j) scale *= point[j] - point[l];
  }
  return scale;
}

template <std::size_t finite>
constexpr std::array<double, finite> scales = [] {
  std::array<double, finite> result{};
  for (std::size_t j = 0; j < finite; ++j) result[j] = scale_of(j, finite);
  return result;
}();

// Taps g [r, count] of filters side by side at finite + 1 points:
// values[point * point_step + filter * filter_step].
template <std::size_t finite, int count, class T, class Value>
void filters_at_points(int r, const T* g, Value* values, int point_step, int filter_step) {
  for (std::size_t j = 0; j < finite; ++j, values += point_step) {
    double sums[count] = {};
    for (int k = r - 1; k >= 0; --k) {
      for (int i = 0; i < count; ++i) {
        sums[i] = sums[i] * point[j] + static_cast<double>(g[k * count + i]);
      }
    }
    for (int i = 0; i < count; ++i) {
      values[i * filter_step] = static_cast<Value>(sums[i] / scales<finite>[j]);
    }
  }
  for (int i = 0; i < count; ++i) {
    values[i * filter_step] = static_cast<Value>(g[(r - 1) * count + i]);
  }
}

}  // namespace

void winograd_filter(int points, int r, const float* g, double* values) {
  assert(points == 6 || points == 8);
  (points == 6 ? filters_at_points<5, 1, float, double>
               : filters_at_points<7, 1, float, double>)(r, g, values, 1, 0);
}

void winograd_filter_2d(int r, const float* g, float* values) {
  assert(r == 3 || r == 5);
  double rows[5 * 8];  // [tap of the column, point of the row]
  (r == 3 ? filters_at_points<7, 3, float, double>
          : filters_at_points<7, 5, float, double>)(r, g, rows, 1, 8);
  filters_at_points<7, 8>(r, rows, values, 8, 1);
}

}  // namespace nn::kernels
