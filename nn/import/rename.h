#pragma once

#include <span>
#include <string>
#include <string_view>

#include <nn/io/state_dict.h>

namespace nn {

// Another name for tensors of a state dict.
//   {"gamma", "weight"}                one tensor
//   {"features.0", "conv1"}            all below it, when no tensor has that name: "features.0.bias"
//   {"features.", "conv."}             the same, said by the dots
//   {"module.", ""}                    a prefix taken away
struct Rename {
  std::string from;
  std::string to;

  friend bool operator==(const Rename&, const Rename&) = default;
};

// "features.0=conv1"
std::string to_text(const Rename& rename);

// What to_text writes. Throws Error unless it is OLD=NEW with something before the only "=".
Rename parse_rename(std::string_view text);

// One after another, all or nothing; values stay unread. Throws Error when a rename meets no
// tensor (with the names that come nearest), would leave a tensor without a name, or give two the
// same.
void rename(StateDict& state_dict, std::span<const Rename> renames);

}  // namespace nn
