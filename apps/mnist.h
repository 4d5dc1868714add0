#pragma once

#include <string>

#include <nn/tensor.h>

namespace apps {

// Labelled pictures.
struct Mnist {
  nn::Tensor pictures;  // uint8 [N, 28, 28]
  nn::Tensor labels;    // uint8 [N], 0 to 9
};

// MNIST's training or test pictures from a folder that holds the idx files: plain or .gz, with the
// dot that some copies have in place of the dash, or in torchvision's MNIST/raw below it. Throws
// nn::Error when they are not there or do not belong together.
Mnist read_mnist(const std::string& folder, bool train);

}  // namespace apps
