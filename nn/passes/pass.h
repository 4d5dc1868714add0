#pragma once

#include <span>
#include <string_view>

#include <nn/graph.h>

namespace nn {

// A pass returns a graph that computes the same values with less work; it never changes its
// argument. It sees the specs of all values (indexed by id, as `infer` gives them), because some
// rewrites are only right for some ranks: BatchNorm1d after Linear counts channels along dim 1,
// Linear along the last.
struct Pass {
  std::string_view name;
  Graph (*run)(const Graph& graph, std::span<const TensorSpec> specs);
};

// The passes a session runs unless told otherwise, in order.
std::span<const Pass> default_passes();

// Runs passes one after another, inferring the specs anew before each.
Graph run_passes(Graph graph, std::span<const TensorSpec> inputs, std::span<const Pass> passes);

}  // namespace nn
