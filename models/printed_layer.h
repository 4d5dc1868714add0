#pragma once

#include <optional>
#include <string_view>

#include <nn/module.h>

namespace models {

// The layer that print shows as kind(arguments), "Conv2d(1, 20, kernel_size=(5, 5), stride=(1,
// 1))", without weights; nothing when the library has no layer of that kind. What does nothing at
// inference (all kinds of dropout) is an Identity. Throws nn::Error for arguments that the layer
// does not take.
std::optional<nn::Module> printed_layer(std::string_view kind, std::string_view arguments);

// "AdaptiveAvgPool2d, AvgPool2d, …": the kinds it knows, for messages.
std::string printed_kinds();

}  // namespace models
