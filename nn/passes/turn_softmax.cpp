#include <optional>

#include <nn/layers/cast.h>
#include <nn/layers/log_softmax.h>
#include <nn/layers/permute.h>
#include <nn/layers/softmax.h>
#include <nn/layers/unary.h>
#include <nn/passes/activation_of.h>
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

// The layer for dimensions that are not yet in that order; nothing where it looks at them otherwise.
std::optional<Module> before_moves(const Node& node, const std::vector<std::size_t>& order) {
  if (node.inputs.size() != 1 || node.outputs.size() != 1) return std::nullopt;
  if (auto layer = turned<Softmax>(node, order)) return layer;
  if (auto layer = turned<LogSoftmax>(node, order)) return layer;
  const bool each_alone =
      activation_of(node) != kernels::Activation{} || node.as<Unary>() || node.as<Cast>();
  return each_alone ? std::optional(node.layer) : std::nullopt;
}

// Lets the permutation at `back` do what the one before the layers before it does, too, which then
// read what that one reads.
void turn(Graph& graph, const Links& links, std::size_t back, std::span<const TensorSpec> specs) {
  const Node& last = graph.nodes()[back];
  const std::size_t rank = specs[static_cast<std::size_t>(last.outputs.at(0).id)].shape.rank();
  auto order = moved_dims(last, rank);
  if (!order) return;
  std::vector<const Node*> between;
  const Node* node = links.producer(last.inputs[0]);
  while (node && before_moves(*node, *order) && links.read_once(node->outputs[0])) {
    between.push_back(node);
    node = links.producer(node->inputs[0]);
  }
  const auto first = node == nullptr || between.empty() ? std::nullopt : moved_dims(*node, rank);
  if (!first) return;
  Value reads = node->inputs[0];
  const Node* const begin = graph.nodes().data();
  for (auto at = between.rbegin(); at != between.rend(); ++at) {
    graph.replace(static_cast<std::size_t>(*at - begin), *before_moves(**at, *first), {{reads}});
    reads = (*at)->outputs[0];
  }
  for (std::size_t& dim : *order) dim = (*first)[dim];
  graph.replace(back, Permute({.dims = {order->begin(), order->end()}}));
}

}  // namespace

Graph turn_softmax(const Graph& graph, std::span<const TensorSpec> specs) {
  Graph result = graph;
  const Links links(result);
  for (std::size_t i = 0; i < result.nodes().size(); ++i) turn(result, links, i, specs);
  result.drop_unread();
  return result;
}

}  // namespace nn
