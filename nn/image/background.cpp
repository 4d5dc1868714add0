#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include <nn/image/background.h>

namespace nn {
namespace {

constexpr std::size_t terms = 6;
using Surface = std::array<double, terms>;  // factors of 1, x, y, x^2, x y, y^2

double value_of(const Surface& surface, const Surface& powers) {
  double sum = 0;
  for (std::size_t i = 0; i < terms; ++i) sum += surface[i] * powers[i];
  return sum;
}

// Counts values by their place between the least and the most first and orders those of the
// median's place alone, all without branches on values, which would be mispredicted every other
// time.
double median(const std::vector<double>& values) {
  if (values.empty()) return 0;
  double least = values[0];
  double most = values[0];
  for (const double value : values) {
    least = value < least ? value : least;
    most = value > most ? value : most;
  }
  constexpr std::size_t places = 2048;
  const double scale = (places - 1) / std::max(most - least, 1e-9);
  const auto place_of = [&](double value) {
    return static_cast<std::size_t>((value - least) * scale);
  };
  std::array<std::uint32_t, places> counts{};
  for (const double value : values) ++counts[place_of(value)];
  std::size_t rank = values.size() / 2;  // in the end: among the values of its place
  std::size_t place = 0;
  while (rank >= counts[place]) rank -= counts[place++];
  std::vector<double> near(counts[place] + 1);
  std::size_t found = 0;
  for (const double value : values) {
    near[found] = value;
    found += place_of(value) == place ? 1 : 0;
  }
  const auto middle = near.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(near.begin(), middle, near.begin() + static_cast<std::ptrdiff_t>(found));
  return *middle;
}

// A coordinate at the middle of each of `size` pixels: from -1 to 1.
std::vector<double> coordinates(int size) {
  std::vector<double> result(static_cast<std::size_t>(size));
  for (int i = 0; i < size; ++i) result[static_cast<std::size_t>(i)] = 2.0 * (i + 0.5) / size - 1;
  return result;
}

// A picture with the powers of its coordinates, and some thousand points spread over it.
class Samples {
 public:
  explicit Samples(const Plane& picture)
      : picture_(picture),
        u_(coordinates(picture.width)),
        v_(coordinates(picture.height)),
        step_(std::max(1, std::max(picture.width, picture.height) / 80)) {}

  std::size_t count() const {
    const int columns = (picture_.width - 1) / step_ + 1, rows = (picture_.height - 1) / step_ + 1;
    return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows);
  }

  Surface powers_at(int x, int y) const {
    const double u = u_[static_cast<std::size_t>(x)];
    const double v = v_[static_cast<std::size_t>(y)];
    return {1, u, v, u * u, u * v, v * v};
  }

  // visit(powers, value) for each point, or for those of the border, the outer tenth, alone.
  template <class Visit>
  void each(bool border_only, Visit&& visit) const {
    const int margin_x = std::max(1, picture_.width / 10);
    const int margin_y = std::max(1, picture_.height / 10);
    for (int y = 0; y < picture_.height; y += step_) {
      const bool border_row = y < margin_y || y >= picture_.height - margin_y;
      for (int x = 0; x < picture_.width; x += step_) {
        const bool border = border_row || x < margin_x || x >= picture_.width - margin_x;
        if (border || !border_only) visit(powers_at(x, y), double{picture_.at(x, y)});
      }
    }
  }

 private:
  const Plane& picture_;
  std::vector<double> u_, v_;  // by column, by row
  int step_;
};

// Least squares over the points within `reach` of `surface`, drawn slightly towards zero so that
// few points cannot bend it without bound.
Surface fit(const Samples& samples, const Surface& surface, double reach, bool border_only) {
  std::array<std::array<double, terms + 1>, terms> system{};  // normal equations | right side
  samples.each(border_only, [&](const Surface& powers, double value) {
    const double residual = value - value_of(surface, powers);
    if (std::abs(residual) > reach) return;
    for (std::size_t i = 0; i < terms; ++i) {
      for (std::size_t j = i; j < terms; ++j) system[i][j] += powers[i] * powers[j];
      system[i][terms] += powers[i] * residual;
    }
  });
  for (std::size_t i = 0; i < terms; ++i) {
    for (std::size_t j = 0; j < i; ++j) system[i][j] = system[j][i];
    system[i][i] += i == 0 ? 1e-3 : 1.0;
  }
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

// The standard deviation that a normal distribution with this median of |residual| has. `distances`
// lends its memory.
double spread_about(const Surface& surface, const Samples& samples, bool border_only,
                    std::vector<double>& distances) {
  distances.clear();
  samples.each(border_only, [&](const Surface& powers, double value) {
    distances.push_back(std::abs(value - value_of(surface, powers)));
  });
  return 1.4826 * median(distances);
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
  return static_cast<float>(median(values));
}

}  // namespace

Background find_background(const Plane& picture) {
  const Samples samples(picture);
  std::vector<double> values;
  values.reserve(samples.count());
  samples.each(true, [&](const Surface&, double value) { values.push_back(value); });
  Surface surface{median(values)};
  constexpr int rounds = 6;
  constexpr double least_reach = 6;
  for (int round = 0; round < rounds; ++round) {
    const bool border_only = round < 2;
    const double reach = 2.5 * spread_about(surface, samples, border_only, values);
    surface = fit(samples, surface, std::max(reach, least_reach), border_only);
  }
  Background result{Plane(picture.width, picture.height),
                    static_cast<float>(spread_about(surface, samples, false, values))};
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      result.level.at(x, y) = static_cast<float>(value_of(surface, samples.powers_at(x, y)));
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
