#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <nn/graph.h>

namespace nn {

// Dimension i of the output of a Permute or Transpose is dimension [i] of its input, which has
// `rank`; nothing where the node is neither.
std::optional<std::vector<std::size_t>> moved_dims(const Node& node, std::size_t rank);

}  // namespace nn
