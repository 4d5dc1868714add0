#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nn/graph.h>

namespace nn {

// The order in which PyTorch meets the keys of a state dict that no parameter has: module by module,
// each before those in it, and with each module the keys that it is the last to know the way of.
class ModuleOrder {
 public:
  explicit ModuleOrder(const Graph& graph);

  // The place of the module that meets the key, as the places of its names among their siblings;
  // places compare as the modules are met.
  std::vector<std::size_t> place(std::string_view key) const;

 private:
  struct Module {
    std::vector<std::string> names;    // of modules in it, in their order
    std::vector<std::size_t> modules;  // the same by index
  };
  std::vector<Module> modules_{Module{}};  // the root first
};

}  // namespace nn
