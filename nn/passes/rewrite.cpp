#include <algorithm>

#include <nn/passes/rewrite.h>

namespace nn {

const Node* producer(const Graph& graph, Value value) {
  const auto nodes = graph.nodes();
  const auto found = std::ranges::find_if(
      nodes, [&](const Node& node) { return std::ranges::count(node.outputs, value) > 0; });
  return found == nodes.end() ? nullptr : &*found;
}

std::optional<std::size_t> only_producer(const Graph& graph, const Node& node) {
  const Value between = node.inputs.at(0);
  if (graph.is_output(between) || graph.readers(between).size() != 1) return std::nullopt;
  const auto nodes = graph.nodes();
  const auto found = std::ranges::find_if(nodes, [&](const Node& other) {
    return other.outputs.size() == 1 && other.outputs[0] == between;
  });
  if (found == nodes.end()) return std::nullopt;
  return static_cast<std::size_t>(found - nodes.begin());
}

}  // namespace nn
