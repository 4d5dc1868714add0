#include <nn/layers/conv2d.h>
#include <nn/layers/linear.h>
#include <nn/layers/permute.h>
#include <nn/layers/transpose.h>
#include <nn/passes/activation_of.h>
#include <nn/passes/fuse_activation.h>
#include <nn/passes/rewrite.h>

namespace nn {
namespace {

// The producer with the activation in it, or nothing when it cannot take one.
template <class L>
std::optional<Module> fused(const Node& producer, kernels::Activation activation) {
  const L* layer = producer.as<L>();
  if (layer == nullptr || layer->activation != kernels::Activation{}) return std::nullopt;
  L copy = *layer;
  copy.activation = activation;
  return copy;
}

// Does it give its input's elements, in another order or shape?
bool moves(const Node& node) {
  return node.layer.keeps_bytes() || node.as<Permute>() || node.as<Transpose>();
}

// Node `i` taken away, its activation in its producer; false where it stays.
bool fuse_into_producer(Graph& graph, std::size_t i) {
  const kernels::Activation activation = activation_of(graph.nodes()[i]);
  if (activation == kernels::Activation{}) return false;
  auto producer = only_producer(graph, graph.nodes()[i]);
  while (producer && moves(graph.nodes()[*producer])) {
    producer = only_producer(graph, graph.nodes()[*producer]);
  }
  if (!producer) return false;
  std::optional<Module> layer = fused<Conv2d>(graph.nodes()[*producer], activation);
  if (!layer) layer = fused<Linear>(graph.nodes()[*producer], activation);
  if (!layer) return false;
  graph.replace(*producer, *std::move(layer));
  graph.bypass(i);
  return true;
}

}  // namespace

Graph fuse_activation(const Graph& graph, std::span<const TensorSpec>) {
  Graph result = graph;
  for (std::size_t i = 0; i < result.nodes().size();) {
    if (!fuse_into_producer(result, i)) ++i;
  }
  return result;
}

}  // namespace nn
