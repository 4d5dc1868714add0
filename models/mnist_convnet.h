#pragma once

#include <nn/graph.h>

namespace models {

// The ConvNet of the softmax tutorial, 431,080 parameters.   [N, 1, 28, 28] -> log-probabilities
// [N, 10]
nn::Graph mnist_convnet();

}  // namespace models
