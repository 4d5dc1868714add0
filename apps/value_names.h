#pragma once

#include <string>
#include <vector>

#include <nn/draw/graph_facts.h>

namespace apps {

// What a graph's values are called: "x" for an input, "conv1", "split[1]" of several outputs.
class ValueNames {
 public:
  explicit ValueNames(const nn::GraphFacts& facts);
  const std::string& operator[](nn::Value value) const {
    return names_[static_cast<std::size_t>(value.id)];
  }

 private:
  std::vector<std::string> names_;
};

}  // namespace apps
