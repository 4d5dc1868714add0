#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <nn/graph.h>

namespace models {

// A multilayer perceptron over the flattened input, ReLU between its layers, named as in PyTorch's
// quickstart: mlp({784, 512, 512, 10}) has linear_relu_stack.0, .2 and .4. Throws Error for fewer
// than two sizes.
//   [N, …] with sizes[0] values a row -> logits [N, sizes.back()]
nn::Graph mlp(const std::vector<std::int64_t>& sizes);

}  // namespace models
