#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <nn/kernels/binary.h>
#include <nn/layer.h>

namespace nn {

// What layers of two broadcast inputs share. Shapes are aligned at their last dimensions; a size of
// 1, or none, is repeated.
//   [2, 1, 4] and [3, 1] -> [2, 3, 4]

// Throws Error: "The size of tensor a (3) must match the size of tensor b (4) at non-singleton
// dimension 1".
Shape broadcast_shape(const Shape& a, const Shape& b);

// The dimensions before a matrix's two: how many matrices [2, 3, m, k] is a stack of.
Shape matrices_of(const Shape& shape);

// For `outputs` of a layer: two float32 inputs.
std::vector<TensorSpec> broadcast_outputs(std::span<const TensorSpec> in);

// For `rows_independent` of a layer, of any number of inputs: every batched input's dim 0 is the output's, and no other
// input has one there.
bool broadcast_rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched);

// The loops over two inputs of these shapes.
kernels::BroadcastLoops broadcast_loops(const Shape& a, const Shape& b);

}  // namespace nn
