#pragma once

#include <models/wiring.h>
#include <models/wiring_chain.h>
#include <models/wiring_fills.h>
#include <models/wiring_sizes.h>

namespace models::wiring {

// Everything that is decided about a net.
struct Plan {
  Chain chain;
  std::vector<Fill> fills;       // of each unit
  std::optional<Layout> layout;  // of nets with convolutions
  std::string activation = "relu";
  std::string pool = "max";
  std::string head = "flatten";
  double eps = 1e-5;
  std::string output = "logits";
};

// "relu", "tanh", … as a layer; "leaky_relu=0.2". Throws Error listing them for another.
nn::Module activation_from(std::string_view text);
std::vector<std::string> activation_names();

// The net, from pictures [N, C, H, W] or rows [N, features].
nn::Graph graph_of(const Plan& plan);

}  // namespace models::wiring
