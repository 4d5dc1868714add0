#include <algorithm>
#include <cmath>

#include <nn/image/resample.h>

namespace nn {
namespace {

// One output value: a weighted sum of inputs first, first + 1, …
struct Taps {
  int first;
  std::vector<float> weights;
};

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

}  // namespace

Plane resample(const Plane& plane, const Box& box, int width, int height) {
  Plane narrow(width, box.height());
  const std::vector<Taps> columns = taps_for(box.width(), width);
  for (int y = 0; y < box.height(); ++y) {
    for (int x = 0; x < width; ++x) {
      const Taps& taps = columns[static_cast<std::size_t>(x)];
      int from = box.left + taps.first;
      for (const float weight : taps.weights)
        narrow.at(x, y) += weight * plane.at(from++, box.top + y);
    }
  }
  Plane result(width, height);
  const std::vector<Taps> rows = taps_for(box.height(), height);
  for (int y = 0; y < height; ++y) {
    const Taps& taps = rows[static_cast<std::size_t>(y)];
    for (int x = 0; x < width; ++x) {
      int from = taps.first;
      for (const float weight : taps.weights) result.at(x, y) += weight * narrow.at(x, from++);
    }
  }
  return result;
}

}  // namespace nn
