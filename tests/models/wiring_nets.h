#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nn/io/state_dict.h>

// The nets of tests/golden/wiring (tools/make_wiring_golden.py).
struct WiringNet {
  std::string name;
  nn::Shape picture;  // [C, H, W]
  bool refused = false;
  // What the state dict does not say: option and value.
  std::vector<std::pair<std::string, std::string>> truth;
  nn::StateDict state_dict;
  std::vector<double> y;  // PyTorch's output for `inputs`, in double
};

// Throws nn::Error when there is no such file.
std::vector<WiringNet> wiring_nets(const std::string& file);

// [3, C, H, W]
nn::Tensor inputs_of(const WiringNet& net);
