#pragma once

#include <span>

#include <nn/graph.h>

namespace nn {

// Permute, Softmax (or LogSoftmax), Permute back → one Softmax along the dimension that was moved: what
// exporters write for Softmax(dim=1) of pictures before ONNX's opset 13. Alike with activations and
// other functions of each element between two permutes; where the second does not undo the first, one
// permute is left behind them.
Graph turn_softmax(const Graph& graph, std::span<const TensorSpec> specs);

}  // namespace nn
