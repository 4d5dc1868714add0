#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <nn/nn.h>

namespace models {

// What a network's output row holds.
enum class Output : std::uint8_t { logits, log_probabilities, probabilities };

// A network that people bring weights for, and what one must know to use it.
struct Model {
  std::string_view name;
  nn::Graph (*build)();  // without weights
  std::int64_t side;     // input [N, 1, side, side]
  float mean;            // input = (grey / 255 - mean) / std, white ink on black
  float std;
  std::span<const std::string_view> labels;
  Output output;
  std::string_view description;

  nn::Shape input_shape(std::int64_t batch = 1) const { return {batch, 1, side, side}; }
};

// The table of all networks, in registry.cpp.
std::span<const Model> registry();

// The network of that name, or null.
const Model* find(std::string_view name);

// The network that shares the most names with a state dict, and how it fits, explained when it does
// not. No model where none shares a name, or the state dict has thousands.
struct Nearest {
  const Model* model = nullptr;
  nn::LoadReport report;
};
Nearest nearest(const nn::StateDict& state_dict);

// The network whose parameters are exactly the state dict's, by name and shape; its names may be
// wrapped ("module.conv1.weight"). Null when there is none.
const Model* find_fitting(const nn::StateDict& state_dict);
// The same; throws Error when there is none, with the nearest one and what does not fit it.
const Model& fitting(const nn::StateDict& state_dict);

// A network's output rows [N, C] as probabilities.
nn::Tensor probabilities(Output kind, nn::ConstTensorView output);
inline nn::Tensor probabilities(const Model& model, nn::ConstTensorView output) {
  return probabilities(model.output, output);
}

}  // namespace models
