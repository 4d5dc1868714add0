#pragma once

#include <string>
#include <vector>

#include <nn/graph.h>
#include <nn/io/state_dict.h>

namespace nn {

// A graph with the sizes that a state dict has for its layers.
struct Adopted {
  Graph graph;  // without values
  // What a person would say of each layer that differs by more than what goes into it: "'conv1' is
  // Conv2d(1, 32, kernel_size=(5, 5), …) in the file, Conv2d(1, 20, kernel_size=(3, 3), …) in the graph".
  std::vector<std::string> differences;
  // Layers whose tensors no layer of that kind could have: "'fc.weight' is transposed, …".
  std::vector<std::string> impossible;
};

// Gives each Conv2d, Linear and BatchNorm of the graph the sizes of its tensors in the state dict,
// and makes a Reshape of rows ([-1, n]) a Flatten, whose n follows from what it reads. Paddings, strides
// and everything else that weights do not tell stay. Names are compared as they stand.
Adopted adopt(const Graph& graph, const StateDict& state_dict);

}  // namespace nn
