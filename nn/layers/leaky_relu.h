#pragma once

#include <string>
#include <string_view>

#include <nn/kernels/activation.h>
#include <nn/layer.h>

namespace nn {

// y = x where x > 0, else negative_slope x, element by element (torch.nn.LeakyReLU).
//   any shape -> the same shape
// NaN stays NaN and -0 stays -0.
//
//   nn::apply(LeakyReLU({.negative_slope = 0.1}), nn::tensor({-1, 2}))
//   // tensor([-0.1000, 2.0000])
class LeakyReLU {
 public:
  struct Options {
    double negative_slope = 0.01;
    bool inplace = false;  // PyTorch's argument, for printing
  };

  LeakyReLU() : LeakyReLU(Options{}) {}
  explicit LeakyReLU(const Options& options) : options_(options) {}

  std::string_view kind() const { return "LeakyReLU"; }
  Shape output_shape(const Shape& in) const { return in; }
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const { return in.rank() >= 1; }
  bool in_place() const { return true; }
  // "negative_slope=0.01", "negative_slope=0.01, inplace=True"
  std::string extra_repr() const;
  const Options& options() const { return options_; }
  // For a pass that lets the producer of x apply it.
  kernels::Activation activation() const {
    return {.kind = kernels::ActivationKind::leaky_relu,
            .negative_slope = static_cast<float>(options_.negative_slope)};
  }

 private:
  Options options_;
};

}  // namespace nn
