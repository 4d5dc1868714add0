#include <nn/layers/conv2d.h>
#include <nn/layers/max_pool2d.h>
#include <nn/passes/fuse_max_pool.h>
#include <nn/passes/rewrite.h>

namespace nn {
namespace {

// 2 × 2 windows side by side; with ceil_mode only where none would be cut off.
bool halves(const MaxPool2d& pool, const Shape& in) {
  const MaxPool2d::Options& o = pool.options();
  const bool even = in[in.rank() - 1] % 2 == 0 && in[in.rank() - 2] % 2 == 0;
  return o.kernel_size == IntPair(2) && o.stride == IntPair(2) && o.padding == IntPair(0) &&
         o.dilation == IntPair(1) && !o.return_indices && (!o.ceil_mode || even);
}

// Node `i` taken away, its pool in its producer; false where it stays.
bool fuse_into_producer(Graph& graph, std::size_t i, std::span<const TensorSpec> specs) {
  const Node& node = graph.nodes()[i];
  const auto* pool = node.as<MaxPool2d>();
  if (pool == nullptr || !halves(*pool, specs[static_cast<std::size_t>(node.inputs[0].id)].shape))
    return false;
  const auto producer = only_producer(graph, node);
  const auto* conv = producer ? graph.nodes()[*producer].as<Conv2d>() : nullptr;
  if (conv == nullptr || conv->max_pool) return false;
  // These two may be applied after the pool: they never exchange the order of two values.
  const kernels::ActivationKind kind = conv->activation.kind;
  if (kind != kernels::ActivationKind::none && kind != kernels::ActivationKind::relu) return false;
  Conv2d fused = *conv;
  fused.max_pool = true;
  graph.replace(*producer, std::move(fused));
  graph.bypass(i);
  return true;
}

}  // namespace

Graph fuse_max_pool(const Graph& graph, std::span<const TensorSpec> specs) {
  Graph result = graph;
  for (std::size_t i = 0; i < result.nodes().size();) {
    if (!fuse_into_producer(result, i, specs)) ++i;
  }
  return result;
}

}  // namespace nn
