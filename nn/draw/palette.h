#pragma once

#include <nn/draw/diagram.h>

namespace nn::draw {

// The colours of a box: "#rrggbb".
struct Colours {
  const char* name;  // of the look, a word
  const char* fill;
  const char* edge;
};
Colours colours_of(Look look);

}  // namespace nn::draw
