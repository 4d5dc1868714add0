#pragma once

#include <nn/passes/pass.h>

namespace nn {

// (x − mean) / √(mean of (x − mean)² + eps) over the last dimensions, as exporters write LayerNorm
// before ONNX's opset 17, becomes a LayerNorm, with the weight and the bias that follow. The same but
// for rounding.
Graph name_layer_norm(const Graph& graph, std::span<const TensorSpec> specs);

}  // namespace nn
