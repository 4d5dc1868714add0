#pragma once

#include <string_view>

#include <nn/kernels/activation.h>
#include <nn/layer.h>

namespace nn {

// y = 1 / (1 + e^-x), element by element (torch.nn.Sigmoid).   any shape -> the same shape
// Within 1 unit in the last place. Below -88.72 it is 0, since e^-x is infinite in float.
//
//   nn::apply(Sigmoid{}, nn::tensor({0, 2}))   // tensor([0.5000, 0.8808])
class Sigmoid {
 public:
  std::string_view kind() const { return "Sigmoid"; }
  Shape output_shape(const Shape& in) const { return in; }
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const { return in.rank() >= 1; }
  bool in_place() const { return true; }
  // For a pass that lets the producer of x apply it.
  kernels::Activation activation() const { return {.kind = kernels::ActivationKind::sigmoid}; }
};

}  // namespace nn
