#pragma once

#include <vector>

#include <nn/io/pickle.h>
#include <nn/io/state_dict.h>
#include <nn/io/torch_tensors.h>

namespace nn::io {

// A tensor of one number among the extras of FileFacts, "loss": its value is worth reading.
struct ExtraNumber {
  std::size_t extra;  // index in FileFacts::extras
  const TorchTensor* tensor;
};

struct ChosenWeights {
  std::vector<NamedTensor> tensors;  // in the order of the file
  FileFacts facts;                   // all but the producer
  std::vector<ExtraNumber> numbers;  // readable ones
};

// The tensors of a pickled checkpoint that are a model's weights, by the rule of StateDict
// (state_dict.h) or where options.key says, and what else the checkpoint holds. Throws Error,
// telling what the file holds, when there are none or when it is not clear which.
ChosenWeights choose_weights(const Pickle& pickle, const TorchTensors& tensors,
                             const OpenOptions& options = {});

}  // namespace nn::io
