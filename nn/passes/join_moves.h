#pragma once

#include <nn/passes/pass.h>

namespace nn {

// A Permute of a Permute (Transpose too) becomes one Permute; a Reshape of a Reshape (Flatten, Squeeze,
// Unsqueeze too) one Reshape; a Permute that moves dimensions of size 1 alone past others a Reshape,
// which copies nothing. For these sizes and any number of rows.
Graph join_moves(const Graph& graph, std::span<const TensorSpec> specs);

}  // namespace nn
