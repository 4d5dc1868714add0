#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nn/graph.h>
#include <nn/import/rename.h>
#include <nn/import/weight_norm.h>
#include <nn/import/wrapper.h>
#include <nn/io/state_dict.h>

namespace nn {

struct LoadOptions {
  // As load_state_dict(strict=True): every parameter has a key and every key a parameter. When
  // false, what matches by name is loaded; shapes must fit all the same.
  bool strict = true;
  // Parameters are float32. float16 and bfloat16 convert exactly; a float64 or integer value that
  // float32 cannot hold is refused by name unless rounding, as PyTorch's copy_ does, is allowed.
  bool allow_rounding = false;
  // What the graph is to run on, [1, 1, 28, 28]: a graph that cannot take it is refused, with what
  // would make it fit, and shapes that do not fit are explained for it.
  std::optional<Shape> input = std::nullopt;
};

// How a state dict fits a graph, by full names ("conv1.weight"). What wrapping the network added to
// the file's names ("module.conv1.weight") is taken away first where more of them fit so.
struct LoadReport {
  struct Mismatch {
    std::string name;
    Shape expected;  // the graph's
    Shape found;     // the state dict's
  };
  std::vector<std::string> matched;
  std::vector<std::string> missing;     // in the graph only (never num_batches_tracked)
  std::vector<std::string> unexpected;  // in the state dict only, as it has them (but n_averaged)
  std::vector<Mismatch> mismatched;
  Wrapper wrapper;                       // what was taken away; empty: nothing
  std::vector<WeightNorm> weight_norms;  // whose weights are computed, matched by the weight's name
  // By `explain`:
  std::vector<Rename> proposed;        // would name what is missing
  std::vector<std::string> explained;  // sentences about the rest

  bool fits() const { return missing.empty() && unexpected.empty() && mismatched.empty(); }
};

// Compares names and shapes; reads no tensor.
LoadReport compare(const Graph& graph, const StateDict& state_dict);

// What does not fit, in PyTorch's words, and below them what is known besides; empty when all fits.
std::string to_text(const LoadReport& report);

// What a program should tell of a state dict that fits: that names were read without what a wrapper
// added, that weights were computed.
std::vector<std::string> notes(const LoadReport& report);

// Fills the graph's parameters and buffers: torch.nn.Module.load_state_dict. All or nothing: the
// graph changes only after every tensor was read. Throws Error listing every missing, unexpected
// and mis-shaped key at once; returns the report (whose missing and unexpected keys matter when not
// strict), and `notes`.
LoadReport load(Graph& graph, const StateDict& state_dict, LoadOptions options = {});

}  // namespace nn
