#pragma once

#include <nn/image/plane.h>

namespace nn {

// The part of a plane in `box`, in width x height values. Made smaller, each value is the mean of
// the area it covers (parts of pixels count as such); made larger, it is interpolated linearly
// between pixel centres. The two directions are treated apart.
// REQUIRES: box lies in the plane and is not empty; width, height ≥ 1.
Plane resample(const Plane& plane, const Box& box, int width, int height);

}  // namespace nn
