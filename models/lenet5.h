#pragma once

#include <nn/graph.h>

namespace models {

// LeNet-5 as PyTorch tutorials write it after LeCun et al. 1998, "Gradient-based learning applied
// to document recognition": tanh and average pooling, `feature_extractor` and `classifier`.
//   [N, 1, 32, 32] -> logits [N, 10]
nn::Graph lenet5();

}  // namespace models
