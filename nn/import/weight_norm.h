#pragma once

#include <string>
#include <vector>

#include <nn/io/state_dict.h>

namespace nn {

// A weight that weight_norm keeps as a length g and a direction v: w = g · v / |v|, with the norm over
// all dimensions in which g has size 1 (torch._weight_norm).
//   fc.weight_g, fc.weight_v                             torch.nn.utils.weight_norm
//   fc.parametrizations.weight.original0 and …original1  torch.nn.utils.parametrizations.weight_norm
struct WeightNorm {
  std::string weight;  // "fc.weight"
  std::string g;       // names in the state dict
  std::string v;
};

// Those of a state dict, in its order, whose shapes belong together.
std::vector<WeightNorm> find_weight_norms(const StateDict& state_dict);

// The weight, float32, computed in double: within an ulp of what PyTorch computes in float32. Throws
// Error when a tensor cannot be read.
Tensor joined_weight(const StateDict& state_dict, const WeightNorm& norm);

}  // namespace nn
