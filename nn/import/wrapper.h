#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nn/graph.h>
#include <nn/io/state_dict.h>

namespace nn {

// What modules around a network add to the names of its state dict:
//   module.                       DataParallel, DistributedDataParallel
//   _orig_mod.                    torch.compile
//   _forward_module.              Lightning Fabric, DeepSpeed
//   _fsdp_wrapped_module.         FullyShardedDataParallel (_fpw_module. in its first release)
//   _checkpoint_wrapped_module.   activation checkpointing
//   _module.                      Opacus
//   model. net. network.          the attribute of a module that holds the network
// in any order and number at the front of all names, all but the last line also further inside, where
// a part alone was wrapped: "features.module.0.weight".
struct Wrapper {
  std::string prefix;               // of names: "module.model."; may be empty
  std::vector<std::string> inside;  // between dots of names: "_orig_mod"; may be empty

  bool empty() const { return prefix.empty() && inside.empty(); }
  // "module.conv1.weight" -> "conv1.weight"
  std::string unwrapped(std::string_view name) const;
  friend bool operator==(const Wrapper&, const Wrapper&) = default;
};

// "names are read without 'module.', which DataParallel adds". REQUIRES: not empty.
std::string to_text(const Wrapper& wrapper);

// The wrapper without which more of the names are the graph's than with any other, and than as they
// stand; of several the one that takes least away. Empty when names are best as they are, and for
// files of far more tensors than the graph has.
Wrapper find_wrapper(const Graph& graph, const StateDict& state_dict);

// The same where no graph is known: what all names have in front, and what has no other use inside.
Wrapper find_wrapper(const StateDict& state_dict);

// The state dict with the names of the wrapped network; values stay unread. Throws Error when two
// names become equal.
StateDict unwrap(StateDict state_dict, const Wrapper& wrapper);

}  // namespace nn
