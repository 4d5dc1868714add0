#pragma once

#include <nn/passes/pass.h>

namespace nn {

// Constants of equal bytes become one, and layers that nothing leads from to an output go.
Graph share_constants(const Graph& graph, std::span<const TensorSpec> specs);

}  // namespace nn
