#pragma once

#include <nn/passes/pass.h>

namespace nn {

// Activations that a graph spells out become the layers that they are, for exporters take them apart:
// x · sigmoid(x) is SiLU, x · ½ (1 + erf(x / √2)) GELU, x · clamp(x + 3, 0, 6) / 6 Hardswish, and alike
// Hardsigmoid, Mish and GELU's tanh form, whichever way round and however divided. Bounds in a row are
// one Clamp, and one of 0 alone is ReLU. The same but for rounding.
Graph name_activations(const Graph& graph, std::span<const TensorSpec> specs);

}  // namespace nn
