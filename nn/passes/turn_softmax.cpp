#include <optional>

#include <nn/layers/log_softmax.h>
#include <nn/layers/softmax.h>
#include <nn/passes/moved_dims.h>
#include <nn/passes/rewrite.h>
#include <nn/passes/turn_softmax.h>

namespace nn {
namespace {

// The same layer along another dimension; nothing where it is none of these.
template <class L>
std::optional<Module> turned(const Node& node, const std::vector<std::size_t>& order) {
  const auto* const layer = node.as<L>();
  if (layer == nullptr || !layer->options().dim) return std::nullopt;
  const std::size_t dim = normalize_dim(*layer->options().dim, order.size());
  return Module(L({.dim = static_cast<std::int64_t>(order[dim])}));
}

// Takes the permutation at `back` away, and lets the softmax before it read what the one before that
// reads; false where there are no such nodes.
bool turn(Graph& graph, std::size_t back, std::span<const TensorSpec> specs) {
  const Node& last = graph.nodes()[back];
  if (last.inputs.size() != 1) return false;
  const std::size_t rank = specs[static_cast<std::size_t>(last.inputs[0].id)].shape.rank();
  const auto undone = moved_dims(last, rank);
  if (!undone) return false;
  const auto softmax = only_producer(graph, last);
  if (!softmax) return false;
  const Node& middle = graph.nodes()[*softmax];
  if (!middle.as<Softmax>() && !middle.as<LogSoftmax>()) return false;
  for (const Node& first : graph.nodes()) {
    if (first.outputs.size() != 1 || middle.inputs.size() != 1 ||
        first.outputs[0] != middle.inputs[0]) {
      continue;
    }
    const auto order = moved_dims(first, rank);
    if (!order) return false;
    for (std::size_t i = 0; i < rank; ++i) {
      if ((*order)[(*undone)[i]] != i) return false;
    }
    std::optional<Module> layer = turned<Softmax>(middle, *order);
    if (!layer) layer = turned<LogSoftmax>(middle, *order);
    if (!layer) return false;
    const std::vector<Value> reads = first.inputs;
    graph.replace(*softmax, *std::move(layer), reads);
    graph.bypass(back);
    return true;
  }
  return false;
}

}  // namespace

Graph turn_softmax(const Graph& graph, std::span<const TensorSpec> specs) {
  Graph result = graph;
  for (std::size_t i = 0; i < result.nodes().size();) {
    if (!turn(result, i, specs)) ++i;
  }
  result.drop_unread();
  return result;
}

}  // namespace nn
