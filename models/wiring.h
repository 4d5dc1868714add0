#pragma once

#include <optional>
#include <string>
#include <vector>

#include <models/registry.h>
#include <nn/graph.h>

namespace models {

// A choice that neither the weights nor a text settled: what it is about ("activation"), what was
// taken ("relu") and what else fits ("tanh", …).
struct Assumption {
  std::string what;
  std::string chosen;
  std::vector<std::string> alternatives;
};

// What the user knows about a net's wiring; what is empty is looked for.
struct WiringOptions {
  std::string activation;          // "relu", "tanh", … after each layer with weights but the last
  std::string pool;                // "max" or "avg"
  std::string padding;             // of convolutions: "0" or "same"
  std::optional<nn::Shape> input;  // of one picture, [C, H, W]
};

// A net for weights: its graph, whose parameters have the names of the state dict, and every choice
// that was left open. Nothing is assumed silently.
struct Wiring {
  nn::Graph graph;  // without weights
  nn::Shape input;  // [1, C, H, W]
  Output output = Output::logits;
  std::vector<Assumption> assumed;
};

}  // namespace models
