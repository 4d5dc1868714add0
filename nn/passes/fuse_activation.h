#pragma once

#include <nn/passes/pass.h>

namespace nn {

// An elementwise activation whose producer is a Conv2d or Linear, perhaps with reshapes and permutes
// between, where nothing else reads what is between: the producer applies it to its output while that is in cache. The same bits as
// without.
Graph fuse_activation(const Graph& graph, std::span<const TensorSpec> specs);

}  // namespace nn
