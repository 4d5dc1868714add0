#pragma once

#include <apps/json.h>
#include <apps/options.h>
#include <apps/statistics.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <models/registry.h>
#include <models/wiring.h>
#include <nn/io/state_dict.h>

namespace apps {

// A file of weights of which every byte was read, every checksum compared and every tensor looked
// through.
struct Examined {
  nn::StateDict weights;
  // By entry; nothing for tensors that are only listed.
  std::vector<std::optional<Statistics>> statistics;
  // By entry: the first one of the same element type, shape and values, tied or copied; itself where
  // there is none, and for tensors of a few or of equal values, which are the same by chance.
  std::vector<std::size_t> duplicate_of;
  // The known network whose weights these are, empty when none is; and how they fit it, or else the one
  // that shares the most names, if any.
  std::string_view network;
  models::Nearest nearest;
  // What else its layers can be: the chain that the weights are consistent with, or why none is.
  std::optional<models::Wiring> wiring;
  std::string no_wiring;
  std::vector<std::string> notes;  // on names: that a wrapper added to them
};

// Holds one tensor in memory at a time; a bar on stderr for what takes long. Throws nn::Error for a
// file that cannot be opened or is damaged.
Examined examine(const std::string& file, const WeightsOptions& options);

// What the file holds beside the weights: {"epoch": "12"}.
Json extras_json(const nn::FileFacts& facts);
// The bytes of all tensors in the file, wherever in it.
std::int64_t tensor_bytes(const nn::StateDict& weights);
// Opens the file and reads all of it, with a bar.
nn::StateDict open_verified(const std::string& file, const WeightsOptions& options);

}  // namespace apps
