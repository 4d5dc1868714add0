#pragma once

#include <string>
#include <string_view>

#include <nn/kernels/activation.h>
#include <nn/layer.h>

namespace nn {

// y = max(x, 0), element by element (torch.nn.ReLU).   any shape -> the same shape
// NaN stays NaN and -0 stays -0.
//
//   nn::apply(ReLU{}, nn::tensor({-1, 2}))   // tensor([0., 2.])
class ReLU {
 public:
  struct Options {
    bool inplace = false;  // PyTorch's argument, for printing
  };

  ReLU() : ReLU(Options{}) {}
  explicit ReLU(const Options& options) : options_(options) {}

  std::string_view kind() const { return "ReLU"; }
  Shape output_shape(const Shape& in) const { return in; }
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const { return in.rank() >= 1; }
  bool in_place() const { return true; }
  // "inplace=True", or nothing
  std::string extra_repr() const;
  // For a pass that lets the producer of x apply it.
  kernels::Activation activation() const { return {.kind = kernels::ActivationKind::relu}; }

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
