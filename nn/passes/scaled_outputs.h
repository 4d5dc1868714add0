#pragma once

#include <cstddef>
#include <optional>

#include <nn/layers/batch_norm.h>
#include <nn/passes/pass.h>

namespace nn {

// The Conv2d or Linear of a node with its outputs' channels scaled and shifted, in its weight and bias,
// computed in double. `out` is the shape that comes out, whose dimension `dim` is scaled. Nothing where
// the channels are another dimension, where the layer does something to its outputs already, and where
// a scale or shift is not finite, so that infinities and NaN come out as without.
std::optional<Module> with_scaled_outputs(const Node& node, const BatchNorm::Affine& affine,
                                          const Shape& out, std::size_t dim);

}  // namespace nn
