#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nn/module.h>

namespace models {

// "max" or "avg": pooling over 2 x 2; nothing for another name.
std::optional<nn::Module> pool_named(std::string_view name);

// A layer as people name it in a sentence: "relu", "leaky_relu=0.1", "max 2x2".
std::string spoken(const nn::Module& layer);

}  // namespace models
