#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <nn/passes/share_constants.h>

namespace nn {

Graph share_constants(const Graph& graph, std::span<const TensorSpec>) {
  Graph result = graph;
  std::map<std::pair<std::string, std::string_view>, Value> first;
  std::vector<Value> stands_for(graph.value_count());
  const auto at = [&](Value value) -> Value& {
    return stands_for[static_cast<std::size_t>(value.id)];
  };
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const Node& node = graph.nodes()[i];
    for (const Value value : node.outputs) at(value) = value;
    if (const auto constant = node.layer.constant()) {
      const auto bytes = constant->view().bytes();
      const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      at(node.outputs[0]) =
          first.emplace(std::pair(to_text(constant->spec()), text), node.outputs[0]).first->second;
    }
    std::vector<Value> inputs;
    for (const Value value : node.inputs) inputs.push_back(at(value).id < 0 ? value : at(value));
    if (inputs != node.inputs) result.replace(i, node.layer, inputs);
  }
  result.drop_unread();
  return result;
}

}  // namespace nn
