#pragma once

#include <string_view>

#include <nn/kernels/activation.h>
#include <nn/layer.h>

namespace nn {

// y = tanh(x), element by element (torch.nn.Tanh).   any shape -> the same shape
// Within 1 unit in the last place.
//
//   nn::apply(Tanh{}, nn::tensor({0, 1}))   // tensor([0.0000, 0.7616])
class Tanh {
 public:
  std::string_view kind() const { return "Tanh"; }
  Shape output_shape(const Shape& in) const { return in; }
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const { return in.rank() >= 1; }
  bool in_place() const { return true; }
  // For a pass that lets the producer of x apply it.
  kernels::Activation activation() const { return {.kind = kernels::ActivationKind::tanh}; }
};

}  // namespace nn
