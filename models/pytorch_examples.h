#pragma once

#include <nn/graph.h>

namespace models {

// `Net` of pytorch/examples, mnist/main.py: convolutions 1 → 32 → 64 of 3×3, pool, dropouts, 9216 →
// 128 → 10.
//   [N, 1, 28, 28] -> log-probabilities [N, 10]
nn::Graph pytorch_mnist();

// Its form of 2017: convolutions 1 → 10 → 20 of 5×5, each pooled, dropouts, 320 → 50 → 10.
//   [N, 1, 28, 28] -> log-probabilities [N, 10]
nn::Graph pytorch_mnist_2017();

}  // namespace models
