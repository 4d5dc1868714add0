#include <nn/layers/dropout.h>
#include <nn/layers/identity.h>
#include <nn/passes/drop_identity.h>

namespace nn {

Graph drop_identity(const Graph& graph, std::span<const TensorSpec>) {
  Graph result = graph;
  for (std::size_t i = 0; i < result.nodes().size();) {
    const Node& node = result.nodes()[i];
    if (node.as<Identity>() || node.as<Dropout>() || node.as<Dropout2d>()) {
      result.bypass(i);
    } else {
      ++i;
    }
  }
  return result;
}

}  // namespace nn
