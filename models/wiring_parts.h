#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nn/io/state_dict.h>

namespace models::wiring {

enum class Kind : std::uint8_t { conv, linear, norm, prelu };

// A layer with parameters, as the names and shapes of a state dict tell it.
struct Part {
  std::string name;  // "layer1.0"; made up where the file has none
  Kind kind = Kind::linear;
  nn::Shape weight;      // of conv [out, in / groups, h, w], of linear [out, in]
  std::int64_t in = 0;   // of linear; of conv in / groups
  std::int64_t out = 0;  // also the features of a norm, the slopes of a PReLU
  bool bias = false;
  bool affine = true;  // of a norm: it has weight and bias
  // Names in the file and of the parameters below the layer: ("0", "weight").
  std::vector<std::pair<std::string, std::string>> keys;

  bool core() const { return kind == Kind::conv || kind == Kind::linear; }
  bool depthwise() const { return kind == Kind::conv && in == 1 && out > 1; }  // unless the first
};

// "'fc1' [10, 128]": how messages name a part.
std::string to_text(const Part& part);

// The layers of a state dict in the file's order. A file whose tensors have no such names, as a
// list, is told by shapes and order alone. Throws Error for tensors of layers that are no part of a
// chain of known layers, naming them, and when there are more layers than `most_parts`.
inline constexpr std::size_t most_parts = 128;
// The weights that weight_norm took apart are listed as if they were whole.
std::vector<Part> parts_of(const nn::StateDict& state_dict);

// AveragedModel (SWA, EMA) counts beside the module that it wraps: of no use here.
bool counts_averages(const nn::StateDict::Entry& entry);

// The parts of a file with names, from tensors grouped by what stands before "weight", "bias", ….
struct Group {
  std::string name;
  std::vector<std::pair<std::string, const nn::StateDict::Entry*>> tensors;

  const nn::StateDict::Entry* find(std::string_view parameter) const;
};
// Throws Error (without the file) when the tensors are no known layer's.
Part part_of(const Group& group);

}  // namespace models::wiring
