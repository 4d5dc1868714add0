#pragma once

#include <optional>
#include <span>
#include <string_view>

#include <nn/module.h>

namespace models {

// The activations that a net may call as functions, most conventional first: "relu", "tanh", … as
// in torch.nn.functional.
std::span<const std::string_view> activation_names();
// One of them as a layer; nothing for another name.
std::optional<nn::Module> activation_named(std::string_view name);
// "max" or "avg": pooling over 2 x 2; nothing for another name.
std::optional<nn::Module> pool_named(std::string_view name);

// A layer as people name it in a sentence: "relu", "max 2x2", "avg 3x3 stride 2".
std::string spoken(const nn::Module& layer);

}  // namespace models
