#include <cmath>

#include <nn/layers/activations.h>
#include <nn/layers/repr.h>

namespace nn {
namespace {

using kernels::Activation;
using kernels::ActivationKind;

Activation elu(double alpha, double scale, double input_scale) {
  return {.kind = ActivationKind::elu, .arguments = {alpha, scale, input_scale}};
}

Activation between(double lower, double upper) {
  return {.kind = ActivationKind::hardtanh, .arguments = {lower, upper}};
}

std::string with_inplace(std::string arguments, bool inplace) {
  if (!inplace) return arguments;
  return arguments.empty() ? "inplace=True" : arguments + ", inplace=True";
}

// PyTorch's constants, of self-normalizing networks (Klambauer et al. 2017).
constexpr double selu_alpha = 1.6732632423543772848170429916717;
constexpr double selu_scale = 1.0507009873554804934193349852946;

}  // namespace

ElementActivation::ElementActivation(std::string_view kind, Activation activation,
                                     std::string extra_repr)
    : kind_(kind), activation_(activation), extra_repr_(std::move(extra_repr)) {}

void ElementActivation::forward(ConstTensorView x, TensorView y) const {
  kernels::activate(activation_, x.f32(), y.f32());
}

ELU::ELU(const Options& o)
    : ElementActivation("ELU", elu(o.alpha, 1, 1),
                        with_inplace("alpha=" + repr(o.alpha), o.inplace)) {}

SELU::SELU(const Options& o)
    : ElementActivation("SELU", elu(selu_alpha, selu_scale, 1), with_inplace("", o.inplace)) {}

CELU::CELU(const Options& o)
    : ElementActivation("CELU", elu(o.alpha, 1, 1 / o.alpha),
                        with_inplace("alpha=" + repr(o.alpha), o.inplace)) {
  if (o.alpha == 0) fail("CELU: ZeroDivisionError: alpha cannot be 0 for CELU");
}

Hardtanh::Hardtanh(const Options& o)
    : ElementActivation(
          "Hardtanh", between(o.min_val, o.max_val),
          with_inplace(concat("min_val=", repr(o.min_val), ", max_val=", repr(o.max_val)),
                       o.inplace)) {
  if (!(o.max_val > o.min_val)) {
    fail("Hardtanh: expected max_val above min_val, got min_val=", repr(o.min_val),
         ", max_val=", repr(o.max_val));
  }
}

ReLU6::ReLU6(const Options& o)
    : ElementActivation("ReLU6", between(0, 6), with_inplace("", o.inplace)) {}

Clamp::Clamp(const Options& o)
    : ElementActivation("clamp", between(o.min, o.max),
                        concat("min=", repr(o.min), ", max=", repr(o.max))) {}

Softplus::Softplus(const Options& o)
    : ElementActivation("Softplus",
                        {.kind = ActivationKind::softplus, .arguments = {o.beta, o.threshold}},
                        concat("beta=", repr(o.beta), ", threshold=", repr(o.threshold))) {}

Mish::Mish(const Options& o)
    : ElementActivation("Mish", {.kind = ActivationKind::mish}, with_inplace("", o.inplace)) {}

}  // namespace nn
