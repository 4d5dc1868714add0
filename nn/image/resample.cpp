#include <algorithm>
#include <cmath>

#include <nn/image/resample.h>

namespace nn {
namespace {

// One output value: a weighted sum of inputs first, first + 1, …
template <class Weight>
struct TapsOf {
  int first;
  std::vector<Weight> weights;
};
using Taps = TapsOf<float>;

std::vector<Taps> taps_for(int inputs, int outputs) {
  std::vector<Taps> result;
  const double scale = static_cast<double>(inputs) / outputs;
  for (int i = 0; i < outputs; ++i) {
    if (scale >= 1) {
      const double from = i * scale;
      const double to = std::min<double>(from + scale, inputs);
      Taps taps{static_cast<int>(from), {}};
      for (int x = taps.first; x < to; ++x) {
        const double covered = std::min<double>(to, x + 1) - std::max<double>(from, x);
        taps.weights.push_back(static_cast<float>(covered / (to - from)));
      }
      result.push_back(std::move(taps));
    } else {
      const double centre = std::clamp((i + 0.5) * scale - 0.5, 0.0, inputs - 1.0);
      const int first = std::min(static_cast<int>(centre), std::max(inputs - 2, 0));
      const auto second = static_cast<float>(centre - first);
      result.push_back(inputs == 1 ? Taps{0, {1.0F}} : Taps{first, {1.0F - second, second}});
    }
  }
  return result;
}

// Pillow's triangle, in whole parts of 1 / 2^22; sums of these are exact in double.
constexpr double unit = 1 << 22;

std::vector<TapsOf<double>> triangle_taps(int inputs, int outputs) {
  std::vector<TapsOf<double>> result;
  const double scale = static_cast<double>(inputs) / outputs;
  const double support = std::max(scale, 1.0);
  for (int i = 0; i < outputs; ++i) {
    const double centre = (i + 0.5) * scale;
    const int first = std::max(static_cast<int>(centre - support + 0.5), 0);
    const int end = std::min(static_cast<int>(centre + support + 0.5), inputs);
    std::vector<double> weights;
    double sum = 0;
    for (int x = first; x < end; ++x) {
      weights.push_back(std::max(1 - std::abs((x - centre + 0.5) * (1 / support)), 0.0));
      sum += weights.back();
    }
    for (double& weight : weights) weight = std::floor(0.5 + weight / sum * unit);
    result.push_back({first, std::move(weights)});
  }
  return result;
}

// Weighted sums along the rows, then along the columns, of a box.
template <class Weight>
Plane weighted(const Plane& plane, const Box& box, const std::vector<TapsOf<Weight>>& columns,
               const std::vector<TapsOf<Weight>>& rows, float (*finish)(Weight)) {
  Plane narrow(static_cast<int>(columns.size()), box.height());
  for (int y = 0; y < narrow.height; ++y) {
    for (int x = 0; x < narrow.width; ++x) {
      const auto& taps = columns[static_cast<std::size_t>(x)];
      int from = box.left + taps.first;
      Weight sum{};
      for (const Weight weight : taps.weights) {
        sum += weight * static_cast<Weight>(plane.at(from++, box.top + y));
      }
      narrow.at(x, y) = finish(sum);
    }
  }
  Plane result(narrow.width, static_cast<int>(rows.size()));
  for (int y = 0; y < result.height; ++y) {
    const auto& taps = rows[static_cast<std::size_t>(y)];
    for (int x = 0; x < result.width; ++x) {
      int from = taps.first;
      Weight sum{};
      for (const Weight weight : taps.weights) {
        sum += weight * static_cast<Weight>(narrow.at(x, from++));
      }
      result.at(x, y) = finish(sum);
    }
  }
  return result;
}

}  // namespace

Plane resample(const Plane& plane, const Box& box, int width, int height) {
  return weighted<float>(plane, box, taps_for(box.width(), width), taps_for(box.height(), height),
                         [](float v) { return v; });
}

Plane resample_levels(const Plane& plane, int width, int height) {
  return weighted<double>(
      plane, {0, 0, plane.width, plane.height}, triangle_taps(plane.width, width),
      triangle_taps(plane.height, height), [](double v) {
        return static_cast<float>(std::clamp(std::floor(v / unit + 0.5), 0.0, 255.0));
      });
}

}  // namespace nn
