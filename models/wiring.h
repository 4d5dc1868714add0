#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <models/registry.h>
#include <nn/graph.h>
#include <nn/import/load.h>
#include <nn/io/state_dict.h>

namespace models {

// What a user knows of a net that its state dict does not say. Empty: inferred, or the most
// conventional. Layers are named as in the state dict, and lists are comma separated.
struct WiringOptions {
  std::string activation = {};          // "relu", "tanh", …; "leaky_relu=0.2" for another slope
  std::string pool = {};                // "max" or "avg"
  std::string padding = {};             // "0", "same", "1", or one for each convolution: "same,0"
  std::optional<nn::Shape> input = {};  // of one picture, [C, H, W], or [features]
  std::string stride = {};              // "1", or one for each convolution
  std::string pool_after = {};          // the convolutions that a pool follows, or "none"
  std::string pool_size = {};           // kernel/stride/padding: "2", "3/2", "3/2/1"
  std::string head =
      {};  // planes to features: "flatten", "global_avg", "global_max", "adaptive_avg"
  std::string order = {};  // what follows a layer: "norm,activation,pool", in any order
  std::string without_activation =
      {};                       // layers that none follows, or "none"; the last has none anyway
  std::string layers = {};      // those with weights, in their order; others are left out
  std::string norm_after = {};  // the layers that the norms follow, in the norms' order
  std::string eps = {};         // of BatchNorm: "1e-05"
  std::string output =
      {};  // "logits", "log_softmax", "softmax" or, of the last layer, an activation
};

// The names of the options, and setting one by its name from text; an input is "1x28x28" or "784".
// Throws Error for another name and for what is no such value.
std::span<const std::string_view> wiring_option_names();
void set_option(WiringOptions& options, std::string_view name, std::string_view value);
// What an option says, in the same form; empty where it says nothing.
std::string option_text(const WiringOptions& options, std::string_view name);

// A choice that neither the weights nor a text settled: what it is about, the name of an option or
// "chain", which no option changes; what was taken, and what else fits, as values of the option.
struct Assumption {
  std::string what;
  std::string chosen;
  std::vector<std::string> alternatives;
  std::size_t more = 0;  // at least so many further alternatives are not listed
  bool given = false;    // chosen by the user
};

// A net for weights: its graph, whose parameters have the names of the state dict, and every choice
// that was left open. Nothing is assumed silently.
struct Wiring {
  nn::Graph graph;  // without weights
  nn::Shape input;  // [1, C, H, W] or [1, features]
  Output output = Output::logits;
  std::vector<Assumption> assumed;
  // Tensors of the file that are parameters of other names ("0" of a list), and the graph's names.
  std::vector<std::pair<std::string, std::string>> renamed;
  std::vector<std::string> unused;  // a layer's second names, and what `layers` leaves out

  // The assumption about that, or null.
  const Assumption* find(std::string_view what) const;
};

// A state dict does not say how its layers are wired, yet usually one conventional wiring fits: a
// chain of convolutions and linear layers in the order of the file, BatchNorm where its statistics
// are, an activation after each but the last, pools placed so that the flattened size meets the
// first Linear, dropout ignored. Numbers in the names of an nn.Sequential tell how many layers
// without parameters stand between two with, and are obeyed.
//
// Of the wirings that are consistent the least unusual is taken, by the sum of the costs in
// wiring_costs.h, and every choice that the file leaves open is listed in `assumed` with what else
// fits.
// Throws Error (what could not be placed, with its sizes) when none fits, and for what is no such
// chain: several branches or heads, residual, recurrent, attention, embedding and transposed
// layers, normalisation by groups. What leaves no trace at all in a file, as a skip connection
// between equal sizes, is told in the assumption "chain". Reads values only to find layers that are
// listed twice.
//
//   models::Wiring net = models::infer_wiring(state_dict, {.activation = "tanh"});
//   models::load(net, state_dict);
Wiring infer_wiring(const nn::StateDict& state_dict, const WiringOptions& options = {});

// nn::load for a wiring inferred from this state dict: every tensor but the unused.
nn::LoadReport load(Wiring& wiring, const nn::StateDict& state_dict, nn::LoadOptions options = {});

}  // namespace models
