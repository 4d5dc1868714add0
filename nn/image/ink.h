#pragma once

#include <nn/image/plane.h>

namespace nn {

// What is drawn in a grey picture: 0 where there is ground, 1 where there is ink, light on dark or
// dark on light alike. Steps:
//
//  1. the ground is taken off (background.h) and what lies within its noise is 0;
//  2. ink is lighter or darker than the ground, whichever deviates more in all;
//  3. the ink's level is the mean of what lies above the midpoint of ink and ground; a quarter of
//     it and less become 0, the level and more become 1;
//  4. specks are removed: connected parts with less than 4 % of the largest part's ink.
//
// Where that finds nothing, or the corners to be ink, a clean picture of two levels is tried again on an even ground: a bold
// digit cropped to its strokes covers the border from which the ground is told.
//
// `blank` when nothing is left, only a dot smaller than 1/50 of the picture, or only noise: more
// than 40 parts, or ink all over of which most borders on none.
struct Ink {
  bool blank = true;
  bool light = false;
  Plane amount;
  Box box;  // around all ink
};
Ink find_ink(const Plane& picture);

}  // namespace nn
