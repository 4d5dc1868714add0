#include <nn/layers/conv2d.h>
#include <nn/layers/gelu.h>
#include <nn/layers/leaky_relu.h>
#include <nn/layers/linear.h>
#include <nn/layers/relu.h>
#include <nn/layers/sigmoid.h>
#include <nn/layers/silu.h>
#include <nn/layers/tanh.h>
#include <nn/passes/fuse_activation.h>
#include <nn/passes/rewrite.h>

namespace nn {
namespace {

template <class... Layers>
kernels::Activation activation_among(const Node& node) {
  kernels::Activation found;
  const auto look = [&](const auto* layer) {
    if (layer) found = layer->activation();
  };
  (look(node.as<Layers>()), ...);
  return found;
}

kernels::Activation activation_of(const Node& node) {
  return activation_among<ReLU, LeakyReLU, GELU, SiLU, Sigmoid, Tanh>(node);
}

// The producer with the activation in it, or nothing when it cannot take one.
template <class L>
std::optional<Module> fused(const Node& producer, kernels::Activation activation) {
  const L* layer = producer.as<L>();
  if (layer == nullptr || layer->activation != kernels::Activation{}) return std::nullopt;
  L copy = *layer;
  copy.activation = activation;
  return copy;
}

}  // namespace

Graph fuse_activation(const Graph& graph, std::span<const TensorSpec>) {
  Graph result = graph;
  for (std::size_t i = 0; i < result.nodes().size();) {
    const Node& node = result.nodes()[i];
    const kernels::Activation activation = activation_of(node);
    const auto producer =
        activation != kernels::Activation{} ? only_producer(result, node) : std::nullopt;
    std::optional<Module> layer;
    if (producer) {
      layer = fused<Conv2d>(result.nodes()[*producer], activation);
      if (!layer) layer = fused<Linear>(result.nodes()[*producer], activation);
    }
    if (layer) {
      result.replace(*producer, *layer);
      result.bypass(i);
    } else {
      ++i;
    }
  }
  return result;
}

}  // namespace nn
