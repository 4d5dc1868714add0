#pragma once

#include <string>
#include <vector>

#include <nn/graph.h>

// "Conv2d", "ReLU": what the nodes of a graph are, in their order.
inline std::vector<std::string> kinds(const nn::Graph& graph) {
  std::vector<std::string> all;
  for (const nn::Node& node : graph.nodes()) all.push_back(node.layer.kind());
  return all;
}
