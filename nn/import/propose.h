#pragma once

#include <vector>

#include <nn/graph.h>
#include <nn/import/rename.h>
#include <nn/io/state_dict.h>

namespace nn {

// Renames that give names of the graph to tensors with names that it does not know, where nothing is
// left to choose. Layers (tensors in a file without dots in its names) are paired when
//   1. their names differ in the front alone, as "backbone.conv1" and "conv1", and all layers of that
//      front pair so, with their shapes; or
//   2. the shapes of their tensors are those of no other layer on either side; or
//   3. as many layers on both sides have the same shapes, and all layers to be named pair in their
//      order, or the ones in question are told apart by numbers in that order. The order of a file
//      that sorts its names (safetensors) counts for numbers alone.
// Tensors of a layer pair by the last part of their names; gamma, beta, moving_mean and moving_variance
// are weight, bias, running_mean and running_var. What is paired otherwise stays as it is; nothing
// is proposed where more than 4096 tensors have unknown names. `rename` takes the result.
std::vector<Rename> propose_renames(const Graph& graph, const StateDict& state_dict);

}  // namespace nn
