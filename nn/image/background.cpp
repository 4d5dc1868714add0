#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <nn/image/background.h>

namespace nn {
namespace {

constexpr std::size_t terms = 6;
using Surface = std::array<double, terms>;  // factors of 1, x, y, x^2, x y, y^2

struct Point {
  Surface powers;
  double value;
  bool border;
};

// x and y from -1 to 1.
Surface powers_at(int x, int y, const Plane& plane) {
  const double u = 2.0 * (x + 0.5) / plane.width - 1;
  const double v = 2.0 * (y + 0.5) / plane.height - 1;
  return {1, u, v, u * u, u * v, v * v};
}

double value_of(const Surface& surface, const Surface& powers) {
  double sum = 0;
  for (std::size_t i = 0; i < terms; ++i) sum += surface[i] * powers[i];
  return sum;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Some thousand points spread over the picture; the outer tenth is its border.
std::vector<Point> spread_points(const Plane& picture) {
  const int step = std::max(1, std::max(picture.width, picture.height) / 80);
  const int margin_x = std::max(1, picture.width / 10);
  const int margin_y = std::max(1, picture.height / 10);
  std::vector<Point> points;
  for (int y = 0; y < picture.height; y += step) {
    for (int x = 0; x < picture.width; x += step) {
      const bool border = x < margin_x || x >= picture.width - margin_x || y < margin_y ||
                          y >= picture.height - margin_y;
      points.push_back({powers_at(x, y, picture), picture.at(x, y), border});
    }
  }
  return points;
}

// Least squares over the points within `reach` of `surface`, drawn slightly towards zero so that
// few points cannot bend it without bound.
Surface fit(const std::vector<Point>& points, const Surface& surface, double reach,
            bool border_only) {
  std::array<std::array<double, terms + 1>, terms> system{};  // normal equations | right side
  for (const Point& point : points) {
    const double residual = point.value - value_of(surface, point.powers);
    if (std::abs(residual) > reach || (border_only && !point.border)) continue;
    for (std::size_t i = 0; i < terms; ++i) {
      for (std::size_t j = 0; j < terms; ++j) system[i][j] += point.powers[i] * point.powers[j];
      system[i][terms] += point.powers[i] * residual;
    }
  }
  for (std::size_t i = 0; i < terms; ++i) system[i][i] += i == 0 ? 1e-3 : 1.0;
  // The system is symmetric and positive definite: no pivots are needed.
  for (std::size_t i = 0; i < terms; ++i) {
    for (std::size_t row = i + 1; row < terms; ++row) {
      const double factor = system[row][i] / system[i][i];
      for (std::size_t j = i; j <= terms; ++j) system[row][j] -= factor * system[i][j];
    }
  }
  Surface correction{};
  for (std::size_t i = terms; i-- > 0;) {
    double sum = system[i][terms];
    for (std::size_t j = i + 1; j < terms; ++j) sum -= system[i][j] * correction[j];
    correction[i] = sum / system[i][i];
  }
  Surface result = surface;
  for (std::size_t i = 0; i < terms; ++i) result[i] += correction[i];
  return result;
}

// The standard deviation that a normal distribution with this median of |residual| has.
double spread_about(const Surface& surface, const std::vector<Point>& points, bool border_only) {
  std::vector<double> distances;
  for (const Point& point : points) {
    if (border_only && !point.border) continue;
    distances.push_back(std::abs(point.value - value_of(surface, point.powers)));
  }
  return 1.4826 * median(std::move(distances));
}

struct Level {
  float mean = 0;
  float deviation = 0;
};
struct Levels {
  Level dark;
  Level light;
};

Level level_of(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += value;
  const double mean = sum / static_cast<double>(std::max<std::size_t>(values.size(), 1));
  double squares = 0;
  for (const float value : values) squares += (value - mean) * (value - mean);
  const double variance = squares / static_cast<double>(std::max<std::size_t>(values.size(), 1));
  return {static_cast<float>(mean), static_cast<float>(std::sqrt(variance))};
}

// The pixels' two levels, parted where each is nearer to its own mean (Ridler and Calvard).
Levels split_levels(const Plane& picture) {
  const auto [least, most] = std::ranges::minmax(picture.values);
  float threshold = (least + most) / 2;
  Levels levels;
  for (int round = 0; round < 20; ++round) {
    std::vector<float> dark, light;
    for (const float value : picture.values) (value > threshold ? light : dark).push_back(value);
    levels = {level_of(dark), level_of(light)};
    const float next = (levels.dark.mean + levels.light.mean) / 2;
    if (std::abs(next - threshold) < 0.25F) break;
    threshold = next;
  }
  return levels;
}

// The median of the four corners, each a twentieth of the picture wide and high.
float corner_level(const Plane& picture) {
  const int width = std::max(1, picture.width / 20);
  const int height = std::max(1, picture.height / 20);
  std::vector<double> values;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const int px : {x, picture.width - 1 - x}) {
        for (const int py : {y, picture.height - 1 - y}) values.push_back(picture.at(px, py));
      }
    }
  }
  return static_cast<float>(median(std::move(values)));
}

}  // namespace

Background find_background(const Plane& picture) {
  const std::vector<Point> points = spread_points(picture);
  std::vector<double> border;
  for (const Point& point : points) {
    if (point.border) border.push_back(point.value);
  }
  Surface surface{median(std::move(border))};
  constexpr int rounds = 6;
  constexpr double least_reach = 6;
  for (int round = 0; round < rounds; ++round) {
    const bool border_only = round < 2;
    const double reach = 2.5 * spread_about(surface, points, border_only);
    surface = fit(points, surface, std::max(reach, least_reach), border_only);
  }
  Background result{Plane(picture.width, picture.height),
                    static_cast<float>(spread_about(surface, points, false))};
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      result.level.at(x, y) = static_cast<float>(value_of(surface, powers_at(x, y, picture)));
    }
  }
  return result;
}

std::optional<Background> find_even_background(const Plane& picture) {
  const Levels levels = split_levels(picture);
  const float distance = levels.light.mean - levels.dark.mean;
  const float spread = std::max(levels.light.deviation, levels.dark.deviation);
  if (spread > distance / 4) return std::nullopt;
  const bool light = corner_level(picture) > (levels.light.mean + levels.dark.mean) / 2;
  const Level& ground = light ? levels.light : levels.dark;
  Background result{Plane(picture.width, picture.height), ground.deviation};
  std::ranges::fill(result.level.values, ground.mean);
  return result;
}

}  // namespace nn
