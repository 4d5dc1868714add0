#pragma once

#include <nn/graph.h>

namespace models {

// Two blocks of 5×5 convolution, BatchNorm, ReLU and pooling, then one linear layer: the ConvNet of
// many PyTorch beginners' courses (`layer1`, `layer2`, `fc`).   [N, 1, 28, 28] -> logits [N, 10]
nn::Graph batch_norm_convnet();

}  // namespace models
