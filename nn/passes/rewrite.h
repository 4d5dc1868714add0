#pragma once

#include <cstddef>
#include <optional>

#include <nn/graph.h>

namespace nn {

// The node that computes a value; null for an input of the graph.
const Node* producer(const Graph& graph, Value value);

// The index of the node that computes `node`'s first input, when `node` is all that reads it (it is
// no output of the graph either): then the two can become one.
std::optional<std::size_t> only_producer(const Graph& graph, const Node& node);

}  // namespace nn
