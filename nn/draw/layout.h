#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace nn::draw {

struct Size {
  double width = 0, height = 0;
};
struct Point {
  double x = 0, y = 0;
};

// An arrow between two boxes. Arrows out of one box with the same `port` carry the same value and
// share a trunk.
struct Arrow {
  std::size_t from = 0;
  std::size_t port = 0;
  std::size_t to = 0;
};

// A line from above to below, through points that alternate: where it enters a rank and where it
// leaves it. Between a way out and the next way in it may bend, else it is upright.
struct Line {
  std::vector<Point> points;
  bool arrow = false;  // ends at a box
};

// Where boxes and lines go.
struct Layout {
  std::vector<Point> corners;  // of each box, left and above
  std::vector<Line> lines;
  Size size;
};

// Places boxes in ranks from above to below, each below all that it reads, so that few lines cross
// and most are straight: ranks by the longest path, places for lines that pass a rank, orders by
// barycentres, positions by least squares with the order kept (Sugiyama's method,
// https://doi.org/10.1109/TSMC.1981.4308636). Knows nothing of texts and formats.
// REQUIRES: arrows lead from a box to one with a higher index. Throws Error when there is more than
// can be drawn.
Layout lay_out(std::span<const Size> boxes, std::span<const Arrow> arrows);

}  // namespace nn::draw
