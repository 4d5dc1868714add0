#pragma once

#include <apps/json.h>
#include <apps/normalization.h>
#include <apps/options.h>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <models/registry.h>
#include <models/wiring.h>
#include <nn/nn.h>

namespace apps {

// A net with weights, and what one must know to use it, wherever that comes from: the table of
// known networks, the text of print(model), or the weights alone.
struct Network {
  std::string name;  // "mnist_convnet"; the class that print(model) shows; "inferred"
  nn::Graph graph;
  std::string file;  // that the weights came from; empty: they are made up
  nn::Shape input;   // of one picture, [1, C, H, W]
  Normalization normalization;
  std::vector<std::string> labels;  // of the classes; none where it is no classifier
  bool photos = false;              // takes photographs in colour, not digits
  models::Output output = models::Output::logits;
  std::vector<models::Assumption> assumed;
  // What a program of torch.export takes; empty: whatever the graph takes.
  std::vector<nn::DeclaredInput> declared;

  // "their.pth" or, without a file, the name.
  const std::string& source() const { return file.empty() ? name : file; }
  // The assumption about that, or null.
  const models::Assumption* assumption(std::string_view what) const;
};

// `name` is a weights file or, where there is no such file, a network of the registry, with weights
// from a formula. The net for a file is the one of `--net`; without that the known network whose
// parameters are the file's, unless options say how layers are wired; else what can be inferred from
// the weights. Throws nn::Error.
Network open_network(const std::string& name, const WeightsOptions& options,
                     const NetOptions& net = {});
// The same for a weights file, by default the shipped one.
Network open_model(const std::string& file, const WeightsOptions& options, const NetOptions& net);
// And for weights that are open; without loading them, the graph alone.
Network network_of(const nn::StateDict& weights, const WeightsOptions& options,
                   const NetOptions& net = {});
Network unloaded_network(const nn::StateDict& weights, const NetOptions& net);

// Throws nn::Error, with the file's name, unless the network takes so many rows at once.
void require_rows(const Network& network, std::int64_t rows);
// So many of `rows` rows go through it at once.
std::int64_t rows_at_once(const Network& network, std::int64_t rows);

// Tells on stderr what was assumed, a line each.
void tell_assumed(const Network& network);
void tell_assumed(const std::string& source, std::span<const models::Assumption> assumed);
// [{"what": …, "chosen": …, "alternatives": […], "more": 3}, …] of what the user did not give; "more"
// where there are alternatives that are not listed.
Json assumed_json(std::span<const models::Assumption> assumed);

}  // namespace apps
