#pragma once

#include <cstddef>
#include <vector>

namespace nn {

// One channel of floats, rows from the top: what the steps from a picture to a digit pass on.
struct Plane {
  int width = 0;
  int height = 0;
  std::vector<float> values;  // [height, width]

  Plane() = default;
  Plane(int w, int h)
      : width(w), height(h), values(static_cast<std::size_t>(w) * static_cast<std::size_t>(h)) {}
  float& at(int x, int y) { return values[index(x, y)]; }
  float at(int x, int y) const { return values[index(x, y)]; }
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
           static_cast<std::size_t>(x);
  }
};

// Columns [left, right) and rows [top, bottom).
struct Box {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;

  int width() const { return right - left; }
  int height() const { return bottom - top; }
};

}  // namespace nn
