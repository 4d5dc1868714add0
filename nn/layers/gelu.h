#pragma once

#include <string>
#include <string_view>

#include <nn/kernels/activation.h>
#include <nn/layer.h>

namespace nn {

// Element by element (torch.nn.GELU).   any shape -> the same shape
//   approximate = "none":  y = x Φ(x), Φ the standard normal distribution
//   approximate = "tanh":  y = x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))
// Within 1 unit in the last place, also where Φ is tiny. At inf both are inf. At -inf "none" is -0,
// its limit (PyTorch gives NaN), and "tanh" NaN, as in PyTorch.
//
//   nn::apply(GELU{}, nn::tensor({-1, 1}))   // tensor([-0.1587,  0.8413])
class GELU {
 public:
  struct Options {
    std::string approximate = "none";
  };

  GELU() : GELU(Options{}) {}
  // Throws Error: "approximate argument must be either none or tanh".
  explicit GELU(const Options& options);

  std::string_view kind() const { return "GELU"; }
  Shape output_shape(const Shape& in) const { return in; }
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const { return in.rank() >= 1; }
  bool in_place() const { return true; }
  std::string extra_repr() const;
  const Options& options() const { return options_; }
  // For a pass that lets the producer of x apply it.
  kernels::Activation activation() const {
    return {.kind = options_.approximate == "tanh" ? kernels::ActivationKind::gelu_tanh
                                                   : kernels::ActivationKind::gelu};
  }

 private:
  Options options_;
};

}  // namespace nn
