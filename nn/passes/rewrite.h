#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include <nn/graph.h>

namespace nn {

// Who computes and who reads the values of a graph, looked up once. For passes that put other layers in
// nodes' places and leave taking nodes away to the end.
class Links {
 public:
  // The graph outlives it.
  explicit Links(const Graph& graph);

  // The node that computes a value, as it is now; null for an input of the graph.
  const Node* producer(Value value) const;
  // Did one node read the value, and was it no output?
  bool read_once(Value value) const { return readers_[static_cast<std::size_t>(value.id)] == 1; }

 private:
  const Graph& graph_;
  std::vector<std::ptrdiff_t> producers_;  // by value; -1: none
  std::vector<std::size_t> readers_;       // an output counts as two
};

// A layer for a node's place, which reads `x` alone.
struct Replacement {
  Module layer;
  Value x;
};

// The graph with what `find` gives for its nodes, one after another, and without what nobody reads any
// more.
using FindReplacement =
    std::function<std::optional<Replacement>(const Links& links, const Node& node)>;
Graph with_replacements(const Graph& graph, const FindReplacement& find);

// The index of the node that computes `node`'s first input, when `node` is all that reads it (it is
// no output of the graph either): then the two can become one.
std::optional<std::size_t> only_producer(const Graph& graph, const Node& node);

}  // namespace nn
