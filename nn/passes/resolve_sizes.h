#pragma once

#include <span>

#include <nn/graph.h>

namespace nn {

// The graph for inputs of these specs: all that it computes from sizes and constants alone is
// computed now, each Deferred layer is made with what came out, and what nobody reads any more goes.
// What a session does before its passes. A graph without such layers comes back as it is.
//
// Sizes that follow the number of rows, dim 0 of the inputs that have as many as the first, are told
// from those that do not by looking at one more row; so one graph serves every batch.
//
// Throws Error, naming the layer, when an argument depends on the values of an input, or a layer
// cannot take its inputs.
Graph resolve_sizes(const Graph& graph, std::span<const TensorSpec> inputs);

// Does another number of rows than these inputs have change shapes alone: what is reshaped or repeated,
// and no numbers (as those of torch.arange(N)) nor what a layer picks? So it is, too, where the graph
// takes no other number.
bool rows_change_shapes_alone(const Graph& graph, std::span<const TensorSpec> inputs);

}  // namespace nn
