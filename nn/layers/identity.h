#pragma once

#include <string_view>

#include <nn/layer.h>

namespace nn {

// y = x (torch.nn.Identity, and torch.nn.Dropout at inference).   any shape -> the same shape
//
//   nn::apply(Identity{}, x)
class Identity {
 public:
  std::string_view kind() const { return "Identity"; }
  Shape output_shape(const Shape& in) const { return in; }
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const { return in.rank() >= 1; }
  bool in_place() const { return true; }
  bool keeps_bytes() const { return true; }
};

}  // namespace nn
