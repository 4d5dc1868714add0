#include <nn/layers/batch_norm.h>
#include <nn/passes/fold_batch_norm.h>
#include <nn/passes/rewrite.h>
#include <nn/passes/scaled_outputs.h>

namespace nn {
namespace {

const BatchNorm* batch_norm(const Node& node) {
  if (const auto* norm = node.as<BatchNorm2d>()) return norm;
  if (const auto* norm = node.as<BatchNormAnyRank>()) return norm;
  return node.as<BatchNorm1d>();
}

}  // namespace

Graph fold_batch_norm(const Graph& graph, std::span<const TensorSpec> specs) {
  Graph result = graph;
  for (std::size_t i = 0; i < result.nodes().size();) {
    const Node& node = result.nodes()[i];
    const BatchNorm* norm = batch_norm(node);
    const auto producer = norm ? only_producer(result, node) : std::nullopt;
    if (!producer) {
      ++i;
      continue;
    }
    const Shape& between = specs[static_cast<std::size_t>(node.inputs[0].id)].shape;
    const auto layer =
        with_scaled_outputs(result.nodes()[*producer], norm->scale_and_shift(), between, 1);
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
