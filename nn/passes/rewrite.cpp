#include <algorithm>

#include <nn/passes/rewrite.h>

namespace nn {

Links::Links(const Graph& graph)
    : graph_(graph), producers_(graph.value_count(), -1), readers_(graph.value_count()) {
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const Node& node = graph.nodes()[i];
    for (const Value value : node.outputs) {
      producers_[static_cast<std::size_t>(value.id)] = static_cast<std::ptrdiff_t>(i);
    }
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      const auto before = std::span(node.inputs).first(k);
      if (std::ranges::count(before, node.inputs[k]) > 0) continue;
      ++readers_[static_cast<std::size_t>(node.inputs[k].id)];
    }
  }
  for (const Graph::Port& port : graph.outputs()) {
    readers_[static_cast<std::size_t>(port.value.id)] += 2;
  }
}

const Node* Links::producer(Value value) const {
  const std::ptrdiff_t at = producers_[static_cast<std::size_t>(value.id)];
  return at < 0 ? nullptr : &graph_.nodes()[static_cast<std::size_t>(at)];
}

Graph with_replacements(const Graph& graph, const FindReplacement& find) {
  Graph result = graph;
  const Links links(result);
  for (std::size_t i = 0; i < result.nodes().size(); ++i) {
    if (auto found = find(links, result.nodes()[i])) {
      result.replace(i, std::move(found->layer), {{found->x}});
    }
  }
  result.drop_unread();
  return result;
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
