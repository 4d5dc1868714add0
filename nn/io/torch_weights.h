#pragma once

#include <string>
#include <vector>

#include <nn/io/pickle.h>
#include <nn/io/torch_tensors.h>

namespace nn::io {

struct NamedTensor {
  std::string name;
  const TorchTensor* tensor = nullptr;  // lives in the TorchTensors
};

// The tensors of a pickled checkpoint that are a model's weights, by the rule of StateDict
// (state_dict.h), in the order of the file. Throws Error, telling what the file holds, when there
// are none or when it is not clear which.
std::vector<NamedTensor> choose_weights(const Pickle& pickle, const TorchTensors& tensors);

}  // namespace nn::io
