#pragma once

#include <functional>
#include <span>
#include <vector>

#include <nn/graph.h>

namespace nn {

// Is told each value of a graph when it is computed: the node that gives it and which of its outputs
// it is.
using SeeValue = std::function<void(const Node& node, std::size_t output, const Tensor& value)>;

// Computes every value of a graph for these inputs, layer by layer as the layers are written
// (nn::apply): no passes, no packed weights, nothing shared or left out. What a session's results can
// be compared with, layer by layer. What depends on sizes alone is computed as a session does it
// (resolve_sizes). Values are kept until their last reader has read them.
//
//   nn::run_all(graph, inputs, [](const nn::Node& node, std::size_t, const nn::Tensor& value) {
//     std::cout << node.name << value << "\n";
//   });
//
// Throws Error for inputs that the graph cannot take, naming the layer, and where parameters have no
// values; and what `see` throws.
void run_all(const Graph& graph, std::span<const ConstTensorView> inputs, const SeeValue& see);

// The same, keeping all: the tensors of values by id. Those that nothing computes stay empty.
std::vector<Tensor> run_all(const Graph& graph, std::span<const ConstTensorView> inputs);

}  // namespace nn
