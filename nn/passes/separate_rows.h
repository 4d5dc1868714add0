#pragma once

#include <optional>
#include <span>
#include <vector>

#include <nn/graph.h>

namespace nn {

// Asks whether a graph for one row treats the rows of a batch apart from each other, wherever it has
// them: PyTorch's own attention puts the batch second, joins it with the heads ([L, N·heads, E]), or
// with the sequence ([L·N, E]). Such a graph serves any number of rows, run for each on its own.
//
// `batched` says which inputs have rows, one each, in dim 0. What comes back says the same of all
// values: true where the rows are dim 0 alone. Nothing where rows are mixed, where an output has them
// elsewhere or depends on none, or where a layer is not known to keep them apart.
//
// The rows are followed through the dimensions of each layer. A reshape of one row leaves it open
// where the batch goes (before the heads, or behind the sequence?): one way has to lead to the end.
std::optional<std::vector<bool>> separate_rows(const Graph& graph,
                                               std::span<const TensorSpec> specs,
                                               const std::vector<bool>& batched);

}  // namespace nn
