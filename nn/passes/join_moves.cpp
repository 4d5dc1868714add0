#include <algorithm>
#include <optional>

#include <nn/layers/permute.h>
#include <nn/layers/reshape.h>
#include <nn/passes/join_moves.h>
#include <nn/passes/moved_dims.h>
#include <nn/passes/other_rows.h>
#include <nn/passes/rewrite.h>

namespace nn {
namespace {

using Variants = std::vector<std::vector<TensorSpec>>;

const Shape& shape_of(std::span<const TensorSpec> specs, Value value) {
  return specs[static_cast<std::size_t>(value.id)].shape;
}

// A Reshape to what `value` is in all variants; nothing where several of its sizes follow the rows.
std::optional<Reshape> reshape_to(Value value, const Variants& variants) {
  if (variants.empty()) return std::nullopt;
  std::vector<std::int64_t> sizes;
  const Shape& now = shape_of(variants[0], value);
  for (std::size_t i = 0; i < now.rank(); ++i) {
    const bool fixed = std::ranges::all_of(variants, [&](const std::vector<TensorSpec>& specs) {
      return shape_of(specs, value)[i] == now[i];
    });
    sizes.push_back(fixed ? now[i] : -1);
  }
  if (std::ranges::count(sizes, -1) > 1 || now.numel() == 0) return std::nullopt;
  return Reshape({.shape = sizes});
}

// Do the dimensions that have more than one element stay in order?
bool keeps_order(const std::vector<std::size_t>& dims, Value input, const Variants& variants) {
  return !variants.empty() &&
         std::ranges::all_of(variants, [&](const std::vector<TensorSpec>& specs) {
           std::vector<std::size_t> moving;
           for (const std::size_t dim : dims) {
             if (shape_of(specs, input)[dim] != 1) moving.push_back(dim);
           }
           return std::ranges::is_sorted(moving);
         });
}

bool is_reshape(const Node& node) {
  return node.layer.keeps_bytes() && node.inputs.size() == 1 && node.outputs.size() == 1;
}

// Lets node `i` do what its producer does, too, or do its own part without a copy.
void join(Graph& graph, const Links& links, std::size_t i, std::span<const TensorSpec> specs,
          const Variants& variants) {
  const Node& node = graph.nodes()[i];
  if (node.inputs.size() != 1 || node.outputs.size() != 1) return;
  const Value output = node.outputs[0];
  if (const auto dims = moved_dims(node, shape_of(specs, output).rank())) {
    const Node* const before = links.producer(node.inputs[0]);
    const auto first = before ? moved_dims(*before, dims->size()) : std::nullopt;
    std::vector<std::size_t> order = *dims;
    Value from = node.inputs[0];
    if (first) {
      for (std::size_t& dim : order) dim = (*first)[dim];
      from = before->inputs[0];
    }
    if (const auto view = reshape_to(output, variants);
        view && keeps_order(order, from, variants)) {
      graph.replace(i, *view, {{from}});
    } else if (first) {
      graph.replace(i, Permute({.dims = {order.begin(), order.end()}}), {{from}});
    }
  }
  if (!is_reshape(graph.nodes()[i])) return;
  const Node* const before = links.producer(graph.nodes()[i].inputs[0]);
  if (before == nullptr || !is_reshape(*before)) return;
  if (const auto view = reshape_to(output, variants)) {
    graph.replace(i, *view, {{before->inputs[0]}});
  }
}

}  // namespace

Graph join_moves(const Graph& graph, std::span<const TensorSpec> specs) {
  const Variants variants = specs_to_hold_for(graph, specs);
  Graph result = graph;
  const Links links(result);
  for (std::size_t i = 0; i < result.nodes().size(); ++i) {
    join(result, links, i, specs, variants);
  }
  result.drop_unread();
  return result;
}

}  // namespace nn
