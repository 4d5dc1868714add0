#include <algorithm>
#include <cstdint>

#include <nn/layers/adaptive_avg_pool2d.h>
#include <nn/layers/cast.h>
#include <nn/layers/concat.h>
#include <nn/layers/expand.h>
#include <nn/layers/identity.h>
#include <nn/layers/pad.h>
#include <nn/layers/slice.h>
#include <nn/passes/drop_moves.h>
#include <nn/passes/moved_dims.h>
#include <nn/passes/other_rows.h>

namespace nn {
namespace {

using Variants = std::vector<std::vector<TensorSpec>>;

const TensorSpec& spec_of(const std::vector<TensorSpec>& specs, Value value) {
  return specs[static_cast<std::size_t>(value.id)];
}

bool keeps_spec(const Node& node, const Variants& variants) {
  return std::ranges::all_of(variants, [&](const std::vector<TensorSpec>& specs) {
    return spec_of(specs, node.outputs[0]) == spec_of(specs, node.inputs[0]);
  });
}

// Of a slice that keeps these sizes: an end that is spelled out may lie within more rows.
bool takes_all(const Slice& slice, const Node& node, const Variants& variants) {
  if (slice.options().step != 1) return false;
  if (slice.options().start == 0 && slice.options().end >= INT32_MAX) return true;
  const Shape& shape = spec_of(variants[0], node.inputs[0]).shape;
  const std::size_t dim = normalize_dim(slice.options().dim, shape.rank());
  return std::ranges::all_of(variants, [&](const std::vector<TensorSpec>& specs) {
    return spec_of(specs, node.inputs[0]).shape[dim] == shape[dim];
  });
}

bool in_order(const std::vector<std::size_t>& dims) { return std::ranges::is_sorted(dims); }

bool moves_nothing(const Node& node, std::span<const TensorSpec> now, const Variants& variants) {
  if (node.inputs.empty() || node.outputs.size() != 1) return false;
  const TensorSpec& in = now[static_cast<std::size_t>(node.inputs[0].id)];
  if (const auto dims = moved_dims(node, in.shape.rank())) return in_order(*dims);
  if (const auto* cast = node.as<Cast>()) return cast->options().dtype == in.dtype;
  if (node.as<Concat>()) return node.inputs.size() == 1;
  if (const auto* pad = node.as<Pad>()) {
    return std::ranges::all_of(pad->options().pad, [](std::int64_t cells) { return cells == 0; });
  }
  if (variants.empty() || !keeps_spec(node, variants)) return false;
  if (const auto* slice = node.as<Slice>()) return takes_all(*slice, node, variants);
  return node.layer.keeps_bytes() || node.as<Expand>() || node.as<AdaptiveAvgPool2d>();
}

}  // namespace

Graph drop_moves(const Graph& graph, std::span<const TensorSpec> specs) {
  const Variants variants = specs_to_hold_for(graph, specs);
  Graph result = graph;
  for (std::size_t i = 0; i < result.nodes().size();) {
    const Node& node = result.nodes()[i];
    if (!moves_nothing(node, specs, variants)) {
      ++i;
      continue;
    }
    const Value x = node.inputs[0];
    result.replace(i, Identity{}, {{x}});  // an Expand reads the rows of another input, too
    result.bypass(i);
  }
  result.drop_unread();
  return result;
}

}  // namespace nn
