#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <nn/graph.h>

namespace nn {

// What a table or a picture tells of a node.
struct NodeFacts {
  std::string name;
  std::string kind;
  std::string arguments;  // as PyTorch prints them
  std::vector<Value> inputs;
  std::vector<Value> outputs;
  // Learned values; of a constant that an imported graph reads, its floating-point values.
  std::int64_t parameters = 0;
  std::int64_t shared = 0;         // of these, values that an earlier node has too: tied weights
  std::int64_t multiply_adds = 0;  // by the layer's formula; 0: it counts none
  std::size_t weight_bytes = 0;    // of parameters, buffers and constants that no earlier node has
  std::size_t output_bytes = 0;
  bool constant = false;  // the same in every run: neither work nor memory of its own
};

// A graph with sizes in hand, for tables and pictures.
struct GraphFacts {
  std::vector<Graph::Port> inputs, outputs;
  std::vector<NodeFacts> nodes;   // in the order of execution
  std::vector<TensorSpec> specs;  // by value

  const TensorSpec& spec(Value value) const { return specs[static_cast<std::size_t>(value.id)]; }

  // Sums over the nodes; values of tied weights count once.
  std::int64_t parameters() const;
  std::int64_t multiply_adds() const;
  std::size_t weight_bytes() const;
  std::size_t output_bytes() const;
  std::size_t input_bytes() const;
};

// The facts of a graph for inputs of these specs. What it computes from sizes has to be
// settled before, by resolve_sizes. Throws Error naming the first layer that cannot take its inputs.
GraphFacts facts_of(const Graph& graph, std::span<const TensorSpec> inputs);

}  // namespace nn
