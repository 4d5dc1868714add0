#pragma once

#include <nn/passes/pass.h>

namespace nn {

// MaxPool2d(2) whose producer is a Conv2d, perhaps with ReLU in it, where nothing else reads the
// value between: the convolution keeps the largest of each 2 × 2 sums while they are in cache. The
// same bits as without.
Graph fuse_max_pool(const Graph& graph, std::span<const TensorSpec> specs);

}  // namespace nn
