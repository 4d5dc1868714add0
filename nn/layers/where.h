#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// y = condition ? a : b, element by element (torch.where), shapes repeated as in Add.
//   bool [2, 1], [3], [] -> [2, 3]; a and b of one element type, any
class Where {
 public:
  std::string_view kind() const { return "Where"; }
  // Throws Error: "where expected condition to be a boolean tensor, but got a tensor with dtype
  // float32", and as Add does.
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const;
};

}  // namespace nn
