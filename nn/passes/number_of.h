#pragma once

#include <optional>
#include <span>
#include <vector>

#include <nn/graph.h>
#include <nn/passes/rewrite.h>

namespace nn {

// What passes ask about arithmetic with constants.

// The one number that a float32 constant of a graph holds; nothing where the value is no such
// constant.
std::optional<double> number_of(const Links& links, Value value);

// A node that multiplies by a number, or adds one, and leaves the shape as it is: x · scale + shift.
struct WithNumber {
  Value x;
  double scale = 1;
  double shift = 0;
};
std::optional<WithNumber> with_number(const Links& links, const Node& node,
                                      std::span<const TensorSpec> specs);

// A product taken apart: scale · factors[0] · factors[1] ….
struct Product {
  double scale = 1;
  std::vector<Value> factors;
};
// Of a value that multiplications give, also nested ones where nothing else reads what is between.
Product product_of(const Links& links, Value value, std::span<const TensorSpec> specs);

}  // namespace nn
