#pragma once

#include <string>
#include <string_view>

#include <nn/kernels/activation.h>
#include <nn/layer.h>

namespace nn {

// y = x / (1 + e^-x), element by element (torch.nn.SiLU).   any shape -> the same shape
// Within 1 unit in the last place. Below -88.72 it is -0, since e^-x is infinite in float; at inf
// it is inf and at -inf NaN, as in PyTorch.
//
//   nn::apply(SiLU{}, nn::tensor({0, 2}))   // tensor([0.0000, 1.7616])
class SiLU {
 public:
  struct Options {
    bool inplace = false;  // PyTorch's argument, for printing
  };

  SiLU() : SiLU(Options{}) {}
  explicit SiLU(const Options& options) : options_(options) {}

  std::string_view kind() const { return "SiLU"; }
  Shape output_shape(const Shape& in) const { return in; }
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const { return in.rank() >= 1; }
  bool in_place() const { return true; }
  // "inplace=True", or nothing
  std::string extra_repr() const;
  // For a pass that lets the producer of x apply it.
  kernels::Activation activation() const { return {.kind = kernels::ActivationKind::silu}; }

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
