#pragma once

#include <limits>
#include <string>
#include <string_view>

#include <nn/kernels/activation.h>
#include <nn/layer.h>

// Activations that are one formula of each element: any shape -> the same shape. NaN stays NaN, and
// infinities and zeros become what PyTorch makes of them. Within 2 units in the last place.
//
//   nn::apply(ELU({.alpha = 2}), nn::tensor({-1, 2}))   // tensor([-1.2642,  2.0000])
namespace nn {

// What they share; the members of a layer.
class ElementActivation {
 public:
  std::string_view kind() const { return kind_; }
  Shape output_shape(const Shape& in) const { return in; }
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const { return in.rank() >= 1; }
  bool in_place() const { return true; }
  const std::string& extra_repr() const { return extra_repr_; }
  // For a pass that lets the producer of x apply it.
  const kernels::Activation& activation() const { return activation_; }

 protected:
  ElementActivation(std::string_view kind, kernels::Activation activation,
                    std::string extra_repr = {});

 private:
  std::string_view kind_;  // a literal
  kernels::Activation activation_;
  std::string extra_repr_;  // as PyTorch prints the arguments
};

// x where x ≥ 0, else alpha (e^x − 1) (torch.nn.ELU).
class ELU : public ElementActivation {
 public:
  struct Options {
    double alpha = 1;
    bool inplace = false;  // PyTorch's argument, for printing
  };
  ELU() : ELU(Options{}) {}
  explicit ELU(const Options& options);
};

// 1.0507 x where x ≥ 0, else 1.0507 · 1.6733 (e^x − 1) (torch.nn.SELU).
class SELU : public ElementActivation {
 public:
  struct Options {
    bool inplace = false;
  };
  SELU() : SELU(Options{}) {}
  explicit SELU(const Options& options);
};

// x where x ≥ 0, else alpha (e^(x / alpha) − 1) (torch.nn.CELU).
class CELU : public ElementActivation {
 public:
  struct Options {
    double alpha = 1;
    bool inplace = false;
  };
  CELU() : CELU(Options{}) {}
  // Throws Error: "CELU: ZeroDivisionError: alpha cannot be 0 for CELU".
  explicit CELU(const Options& options);
};

// min(max(x, min_val), max_val) (torch.nn.Hardtanh).
class Hardtanh : public ElementActivation {
 public:
  struct Options {
    double min_val = -1;
    double max_val = 1;
    bool inplace = false;
  };
  Hardtanh() : Hardtanh(Options{}) {}
  // Throws Error unless max_val is above min_val.
  explicit Hardtanh(const Options& options);
};

// min(max(x, 0), 6) (torch.nn.ReLU6).
class ReLU6 : public ElementActivation {
 public:
  struct Options {
    bool inplace = false;
  };
  ReLU6() : ReLU6(Options{}) {}
  explicit ReLU6(const Options& options);
};

// torch.clamp: with min above max everything is max, with a bound of NaN everything is NaN.
class Clamp : public ElementActivation {
 public:
  struct Options {
    double min = -std::numeric_limits<double>::infinity();  // none
    double max = std::numeric_limits<double>::infinity();
  };
  explicit Clamp(const Options& options);
};

// min(max(x + 3, 0), 6) / 6 (torch.nn.Hardsigmoid).
class Hardsigmoid : public ElementActivation {
 public:
  Hardsigmoid() : ElementActivation("Hardsigmoid", {kernels::ActivationKind::hardsigmoid}) {}
};

// x min(max(x + 3, 0), 6) / 6 (torch.nn.Hardswish).
class Hardswish : public ElementActivation {
 public:
  Hardswish() : ElementActivation("Hardswish", {kernels::ActivationKind::hardswish}) {}
};

// log(1 + e^(beta x)) / beta, and x where beta x is above the threshold (torch.nn.Softplus).
class Softplus : public ElementActivation {
 public:
  struct Options {
    double beta = 1;
    double threshold = 20;
  };
  Softplus() : Softplus(Options{}) {}
  explicit Softplus(const Options& options);
};

// x / (1 + |x|) (torch.nn.Softsign).
class Softsign : public ElementActivation {
 public:
  Softsign() : ElementActivation("Softsign", {kernels::ActivationKind::softsign}) {}
};

// x tanh(log(1 + e^x)) (torch.nn.Mish).
class Mish : public ElementActivation {
 public:
  struct Options {
    bool inplace = false;
  };
  Mish() : Mish(Options{}) {}
  explicit Mish(const Options& options);
};

// log(1 / (1 + e^(−x))) (torch.nn.LogSigmoid).
class LogSigmoid : public ElementActivation {
 public:
  LogSigmoid() : ElementActivation("LogSigmoid", {kernels::ActivationKind::log_sigmoid}) {}
};

}  // namespace nn
