#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace nn {

// What an opened file says beside its tensors. All texts are safe to print and short: a value's own
// text ("12", "0.93"), or what it is and how large ("dict, 1.6 MB of tensors").
struct FileFacts {
  std::string producer;  // "PyTorch 2.1 or later"; empty when the file does not tell
  std::string
      weights_key;  // where the tensors were in a checkpoint, "model.state_dict"; "": the top
  std::vector<std::pair<std::string, std::string>> extras;  // what else there is: "epoch", "12"
  std::vector<std::string> notes;                           // sentences on how the file was read
  std::uint64_t other_tensor_bytes = 0;  // of tensors that were not chosen: an optimizer's
  int pickle_protocol = 0;  // of the pickle that tells of the tensors; 0: there is none
};

}  // namespace nn
