#include <apps/value_names.h>

namespace apps {

ValueNames::ValueNames(const nn::GraphFacts& facts) : names_(facts.specs.size()) {
  for (const nn::Graph::Port& port : facts.inputs) {
    names_[static_cast<std::size_t>(port.value.id)] = port.name;
  }
  for (const nn::NodeFacts& node : facts.nodes) {
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      names_[static_cast<std::size_t>(node.outputs[i].id)] =
          node.outputs.size() == 1 ? node.name : nn::concat(node.name, "[", i, "]");
    }
  }
}

}  // namespace apps
