#pragma once

#include <nn/passes/pass.h>

namespace nn {

// Takes away layers that move nothing, for these sizes and any number of rows: a Reshape, View or
// Expand to the shape that is there, a Permute that keeps the order, a Slice of everything, a Pad
// by nothing, a Cast to the same type, a Concat of one, an AdaptiveAvgPool2d to the size that is there.
Graph drop_moves(const Graph& graph, std::span<const TensorSpec> specs);

}  // namespace nn
