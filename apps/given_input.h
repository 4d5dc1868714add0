#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nn/shape.h>

namespace apps {

// What --input says: a shape, of the graph's input of that name, or of the next where there is none.
struct GivenInput {
  std::string name;
  nn::Shape shape;
};

// From "1,3,224,224", "1x3x224x224", "784" or "tokens=1,16"; nothing for another text. A scalar is
// "tokens=".
std::optional<GivenInput> parse_given_input(std::string_view text);

// [N, C, H, W] or [N, features], and not [C, H, W] or [features].
bool has_batch(const nn::Shape& shape);
// Of a shape with or without a batch, one row's: [1, 3, 224, 224] and [3, 224, 224] give
// [3, 224, 224], [1, 784] and [784] give [784].
nn::Shape without_batch(const nn::Shape& shape);

}  // namespace apps
