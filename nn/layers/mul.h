#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// y = a b of two inputs, element by element (torch.mul). Shapes are aligned at their last
// dimensions, and a size of 1, or none, is repeated.
//   [2, 8, 4, 4], [2, 8, 1, 1] -> [2, 8, 4, 4]
//
//   Value scaled = net.add("scale", Mul{}, {x, gate});
class Mul {
 public:
  std::string_view kind() const { return "Mul"; }
  // Throws Error: "The size of tensor a (3) must match the size of tensor b (4) at non-singleton
  // dimension 1".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const;
  bool in_place() const { return true; }
};

}  // namespace nn
