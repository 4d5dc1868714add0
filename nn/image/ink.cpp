#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>

#include <nn/image/background.h>
#include <nn/image/ink.h>

namespace nn {
namespace {

// Differences from the ground that are not ink: this many grey levels, this many times its noise.
constexpr float least_contrast = 12;
constexpr float noise_reach = 4.5;
// A digit has few parts, also in chalk; more are noise.
constexpr std::size_t most_parts = 40;

// The mean of the values above the midpoint between that mean and the mean of the others (Ridler
// and Calvard's threshold), which does not mind how little of the picture is ink.
float ink_level(const std::vector<float>& values, float threshold) {
  float level = 0;
  for (int round = 0; round < 20; ++round) {
    double above = 0, below = 0;
    std::size_t count = 0;
    for (const float value : values) {
      if (value > threshold) {
        above += value;
        ++count;
      } else {
        below += value;
      }
    }
    if (count == 0) break;
    level = static_cast<float>(above / static_cast<double>(count));
    const auto ground = static_cast<float>(
        below / static_cast<double>(std::max<std::size_t>(values.size() - count, 1)));
    const float next = (level + ground) / 2;
    if (std::abs(next - threshold) < 0.25F) break;
    threshold = next;
  }
  return level;
}

struct Part {
  double ink = 0;
  Box box;
  std::vector<std::size_t> pixels;
};

// The part of connected ink (also over corners) that (x, y) belongs to; marks it in `seen`.
Part collect_part(const Plane& amount, int x, int y, std::vector<char>& seen) {
  Part part;
  part.box = {x, y, x + 1, y + 1};
  std::vector<std::pair<int, int>> waiting = {{x, y}};
  seen[amount.index(x, y)] = 1;
  while (!waiting.empty()) {
    const auto [px, py] = waiting.back();
    waiting.pop_back();
    part.ink += amount.at(px, py);
    part.pixels.push_back(amount.index(px, py));
    part.box.left = std::min(part.box.left, px);
    part.box.top = std::min(part.box.top, py);
    part.box.right = std::max(part.box.right, px + 1);
    part.box.bottom = std::max(part.box.bottom, py + 1);
    for (int ny = std::max(py - 1, 0); ny <= std::min(py + 1, amount.height - 1); ++ny) {
      for (int nx = std::max(px - 1, 0); nx <= std::min(px + 1, amount.width - 1); ++nx) {
        const std::size_t i = amount.index(nx, ny);
        if (seen[i] != 0 || amount.values[i] <= 0) continue;
        seen[i] = 1;
        waiting.emplace_back(nx, ny);
      }
    }
  }
  return part;
}

std::vector<Part> find_parts(const Plane& amount) {
  std::vector<Part> parts;
  std::vector<char> seen(amount.values.size());
  for (int y = 0; y < amount.height; ++y) {
    for (int x = 0; x < amount.width; ++x) {
      const std::size_t i = amount.index(x, y);
      if (seen[i] == 0 && amount.values[i] > 0) parts.push_back(collect_part(amount, x, y, seen));
    }
  }
  return parts;
}

// Strokes have insides, and thin ones do not cover much; in noise most neighbours of ink are none.
bool is_coarse_noise(const Plane& amount) {
  constexpr double most_edges = 1.3;  // of the four that a pixel has
  constexpr double much = 0.2;        // of the picture
  std::size_t pixels = 0;
  std::size_t edges = 0;
  for (int y = 0; y < amount.height; ++y) {
    for (int x = 0; x < amount.width; ++x) {
      if (amount.at(x, y) <= 0) continue;
      ++pixels;
      edges += x + 1 < amount.width && amount.at(x + 1, y) <= 0 ? 1 : 0;
      edges += x > 0 && amount.at(x - 1, y) <= 0 ? 1 : 0;
      edges += y + 1 < amount.height && amount.at(x, y + 1) <= 0 ? 1 : 0;
      edges += y > 0 && amount.at(x, y - 1) <= 0 ? 1 : 0;
    }
  }
  return static_cast<double>(pixels) > much * static_cast<double>(amount.values.size()) &&
         static_cast<double>(edges) > most_edges * static_cast<double>(pixels);
}

// Removes the specks and sets the box of what stays.
void keep_large_parts(Ink& ink) {
  constexpr double speck = 0.04;
  const std::vector<Part> parts = find_parts(ink.amount);
  const auto largest = std::max_element(parts.begin(), parts.end(),
                                        [](const Part& a, const Part& b) { return a.ink < b.ink; });
  if (largest == parts.end()) return;
  Box box = largest->box;
  std::size_t kept = 0;
  for (const Part& part : parts) {
    if (part.ink < speck * largest->ink) {
      for (const std::size_t i : part.pixels) ink.amount.values[i] = 0;
      continue;
    }
    ++kept;
    box.left = std::min(box.left, part.box.left);
    box.top = std::min(box.top, part.box.top);
    box.right = std::max(box.right, part.box.right);
    box.bottom = std::max(box.bottom, part.box.bottom);
  }
  ink.box = box;
  const int size = std::max(largest->box.width(), largest->box.height());
  ink.blank = size < 3 || size * 50 < std::max(ink.amount.width, ink.amount.height) ||
              kept > most_parts || is_coarse_noise(ink.amount);
}

// The ink on a ground that is known, in the ground's memory.
Ink ink_on(Background background, const Plane& picture) {
  const float threshold = std::max(least_contrast, noise_reach * background.noise);
  Ink ink;
  ink.amount = std::move(background.level);
  std::vector<float>& values = ink.amount.values;
  std::transform(picture.values.begin(), picture.values.end(), values.begin(), values.begin(),
                 std::minus<>());
  double lighter = 0;
  double darker = 0;
  for (const float value : values) {
    lighter += std::max(value - threshold, 0.0F);
    darker += std::max(-value - threshold, 0.0F);
  }
  ink.light = lighter > darker;
  if (!ink.light) std::transform(values.begin(), values.end(), values.begin(), std::negate<>());
  for (float& value : values) value = std::max(value, 0.0F);

  const float level = ink_level(values, threshold);
  if (level <= threshold) return ink;
  const float least = std::max(threshold, level / 4);
  for (float& value : values) {
    value = value <= least ? 0.0F : std::min((value - least) / (level - least), 1.0F);
  }
  keep_large_parts(ink);
  return ink;
}

// Ground has the corners; a drawing that has them was taken for it.
bool corners_are_ink(const Ink& ink) {
  const Plane& amount = ink.amount;
  const int right = amount.width - 1;
  const int bottom = amount.height - 1;
  const float sum =
      amount.at(0, 0) + amount.at(right, 0) + amount.at(0, bottom) + amount.at(right, bottom);
  return sum > 2;
}

}  // namespace

Ink find_ink(const Plane& picture) {
  Ink ink = ink_on(find_background(picture), picture);
  if (!ink.blank && !corners_are_ink(ink)) return ink;
  if (auto even = find_even_background(picture)) {
    if (Ink bold = ink_on(*std::move(even), picture); !bold.blank) return bold;
  }
  return ink;
}

}  // namespace nn
