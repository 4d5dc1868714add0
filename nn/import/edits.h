#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <nn/graph.h>

namespace nn {

// A change to a graph that touches no weight: a pool more or less, a padding, another input.
struct Edit {
  // What happens at one node.
  struct Change {
    enum class What : std::uint8_t { drop, replace, insert_before, insert_behind } what;
    std::size_t node;
    std::optional<Module> layer;  // not of drop
  };
  std::string text;  // "without 'pool1'", as it goes on "all shapes fit …"
  std::vector<Change> changes;
  std::optional<Shape> input;  // another one
  std::size_t cost = 1;        // 2 of what people seldom do
};

// Shapes along a graph of one input.
struct Walk {
  std::vector<std::optional<TensorSpec>> specs;  // by the value's id; nothing behind the failure
  std::optional<std::size_t> failed;             // the first node that cannot take its inputs

  // REQUIRES: the value was reached.
  const Shape& shape(Value value) const { return specs[static_cast<std::size_t>(value.id)]->shape; }
};
Walk walk(const Graph& graph, const Shape& input, const std::vector<const Edit*>& edits = {});

// Single changes that people make and forget: a Flatten where a picture meets a Linear, each pool dropped, a 2x2 pool behind each convolution
// that has none, paddings of all and of single convolutions (0, 1, 2 and half the kernel), strides 1
// and 2, other windows of pools, ceil_mode, a global average pool, the usual input sizes. The
// likelier come first.
std::vector<Edit> possible_edits(const Graph& graph, const Shape& input);

// All the cheapest sets of possible edits (of cost 3 at most) that let the graph take its input, or
// another one that an edit gives, the likelier first; at most eight, and found with a bounded number
// of attempts. Empty when there is none, or the graph has not one input. One empty set when the graph
// takes the input as it is.
std::vector<std::vector<Edit>> fitting_edits(const Graph& graph, const Shape& input);

// "without 'pool1' and with padding=0 in 'conv1'"
std::string to_text(const std::vector<Edit>& edits);

}  // namespace nn
