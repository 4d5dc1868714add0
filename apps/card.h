#pragma once

#include <apps/normalization.h>
#include <optional>

#include <nn/io/state_dict.h>

namespace apps {

// What is known of the pictures that weights were trained on: "mean" and "std", or "normalize",
// beside the tensors in the file; or "mean" and "std" below "input" in the card beside it,
// "their.expected.json" for "their.pth" (weights/card.py writes one). Nothing where neither says
// it.
std::optional<Normalization> normalization_beside(const nn::StateDict& weights);
// What the card beside a file says of it.
std::optional<Normalization> normalization_on_card(const std::string& file);

}  // namespace apps
