#include <algorithm>
#include <array>
#include <cmath>

#include <nn/kernels/resample.h>

namespace nn::kernels {
namespace {

// Input cells per output cell.
float step_of(const ResampleAxis& axis) {
  if (axis.align_corners) {
    return axis.out > 1 ? static_cast<float>(axis.in - 1) / static_cast<float>(axis.out - 1) : 0;
  }
  if (axis.scale && *axis.scale > 0) return static_cast<float>(1.0 / *axis.scale);
  return static_cast<float>(axis.in) / static_cast<float>(axis.out);
}

// The cubic convolution kernel (Keys 1981) with a = -3/4, at the distances 1 + t, t, 1 - t, 2 - t.
std::array<float, 4> cubic_weights(float t) {
  constexpr float a = -0.75F;
  const auto near = [](float v) { return ((a + 2) * v - (a + 3)) * v * v + 1; };
  const auto far = [](float v) { return ((a * v - 5 * a) * v + 8 * a) * v - 4 * a; };
  return {far(t + 1), near(t), near(1 - t), far(2 - t)};
}

template <int count>
void resample_by(std::int64_t height, std::int64_t width, std::span<const Tap> rows,
                 std::span<const Tap> columns, std::span<const float> x, std::span<float> y) {
  const auto plane = static_cast<std::size_t>(height * width);
  float* to = y.data();
  for (std::size_t begin = 0; begin < x.size(); begin += plane) {
    for (std::size_t row = 0; row < rows.size(); row += count) {
      for (std::size_t column = 0; column < columns.size(); column += count) {
        float total = 0;
        for (std::size_t i = 0; i < count; ++i) {
          const float* from = x.data() + begin + rows[row + i].place * width;
          float sum = columns[column].weight * from[columns[column].place];
          for (std::size_t j = 1; j < count; ++j) {
            sum += columns[column + j].weight * from[columns[column + j].place];
          }
          total = i == 0 ? rows[row].weight * sum : total + rows[row + i].weight * sum;
        }
        *to++ = total;
      }
    }
  }
}

}  // namespace

void resample_taps(Resampling how, const ResampleAxis& axis, std::span<Tap> taps) {
  const float step = step_of(axis);
  const std::int64_t last = axis.in - 1;
  const auto inside = [last](float place) {
    // Compared before it is converted: what no integer holds is beyond the edge.
    if (!(place > 0)) return std::int32_t{0};
    if (place >= static_cast<float>(last)) return static_cast<std::int32_t>(last);
    return static_cast<std::int32_t>(place);
  };
  Tap* tap = taps.data();
  for (std::int64_t o = 0; o < axis.out; ++o) {
    const auto cell = static_cast<float>(o);
    if (how == Resampling::nearest || how == Resampling::nearest_exact) {
      const float place = how == Resampling::nearest ? cell * step : (cell + 0.5F) * step;
      *tap++ = {inside(std::floor(place)), 1};
      continue;
    }
    const float place = axis.align_corners ? step * cell : step * (cell + 0.5F) - 0.5F;
    if (how == Resampling::linear) {
      const float from = std::max(place, 0.0F);
      const std::int32_t first = inside(from);
      const float second = std::clamp(from - static_cast<float>(first), 0.0F, 1.0F);
      *tap++ = {first, 1 - second};
      *tap++ = {first < last ? first + 1 : first, second};
      continue;
    }
    const float floor = std::floor(place);
    const std::array<float, 4> weights = cubic_weights(std::clamp(place - floor, 0.0F, 1.0F));
    for (int i = 0; i < 4; ++i) {
      *tap++ = {inside(floor + static_cast<float>(i - 1)), weights[static_cast<std::size_t>(i)]};
    }
  }
}

void resample(std::int64_t count, std::int64_t height, std::int64_t width,
              std::span<const Tap> rows, std::span<const Tap> columns, std::span<const float> x,
              std::span<float> y) {
  if (count == 1) return resample_by<1>(height, width, rows, columns, x, y);
  if (count == 2) return resample_by<2>(height, width, rows, columns, x, y);
  resample_by<4>(height, width, rows, columns, x, y);
}

}  // namespace nn::kernels
