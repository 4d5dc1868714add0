#pragma once

#include <nn/passes/pass.h>

namespace nn {

// Takes away layers that return what they are given: Identity, Dropout, Dropout2d.
Graph drop_identity(const Graph& graph, std::span<const TensorSpec> specs);

}  // namespace nn
