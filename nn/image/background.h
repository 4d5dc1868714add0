#pragma once

#include <optional>

#include <nn/image/plane.h>

namespace nn {

// The ground a drawing is on, without the drawing: a quadratic surface in x and y, which follows
// paper in uneven light and soft shadows. It starts from the picture's border, which is taken to be
// mostly ground, and is then fitted to all pixels that lie near it.
struct Background {
  Plane level;
  float noise;  // standard deviation of the ground about the surface, told from the median
};
Background find_background(const Plane& picture);

// The ground of a clean drawing that fills most of its picture, where a border tells nothing: when
// the picture has two clear levels, an even ground of the one that its corners have; else nothing.
std::optional<Background> find_even_background(const Plane& picture);

}  // namespace nn
