#include <algorithm>

#include <nn/import/module_order.h>

namespace nn {

ModuleOrder::ModuleOrder(const Graph& graph) {
  for (const Node& node : graph.nodes()) {
    std::string_view rest = node.name;
    std::size_t at = 0;
    while (true) {
      const std::size_t dot = rest.find('.');
      const std::string_view name = rest.substr(0, dot);
      const auto found = std::ranges::find(modules_[at].names, name);
      if (found == modules_[at].names.end()) {
        modules_[at].names.emplace_back(name);
        modules_[at].modules.push_back(modules_.size());
        at = modules_.size();
        modules_.emplace_back();
      } else {
        at = modules_[at].modules[static_cast<std::size_t>(found - modules_[at].names.begin())];
      }
      if (dot == rest.npos) break;
      rest.remove_prefix(dot + 1);
    }
  }
}

std::vector<std::size_t> ModuleOrder::place(std::string_view key) const {
  std::vector<std::size_t> place;
  std::size_t at = 0;
  for (std::size_t dot = key.find('.'); dot != key.npos; dot = key.find('.')) {
    const auto found = std::ranges::find(modules_[at].names, key.substr(0, dot));
    if (found == modules_[at].names.end()) break;
    place.push_back(static_cast<std::size_t>(found - modules_[at].names.begin()));
    at = modules_[at].modules[place.back()];
    key.remove_prefix(dot + 1);
  }
  return place;
}

}  // namespace nn
