#pragma once

#include <nn/image/plane.h>

namespace nn {

// The part of a plane in `box`, in width x height values. Made smaller, each value is the mean of
// the area it covers (parts of pixels count as such); made larger, it is interpolated linearly
// between pixel centres. The two directions are treated apart.
// REQUIRES: box lies in the plane and is not empty; width, height ≥ 1.
Plane resample(const Plane& plane, const Box& box, int width, int height);

// The whole plane of levels 0 to 255 as Pillow's resize(…, BILINEAR) makes it, which torchvision
// uses: each value a mean weighted by a triangle that widens where the plane is made smaller
// (antialiasing), first along the rows, then along the columns, rounded to whole levels after each
// (as Pillow up to 12 does; 13 begins with the direction that shrinks more).
// REQUIRES: width, height ≥ 1.
Plane resample_levels(const Plane& plane, int width, int height);

}  // namespace nn
