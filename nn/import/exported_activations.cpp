// The table's rows for activations. All of them work in place too, under names like "relu_.default".
#include <array>
#include <cmath>
#include <limits>

#include <nn/import/common_layers.h>
#include <nn/import/exported_arithmetic.h>
#include <nn/layers/activations.h>
#include <nn/layers/gelu.h>
#include <nn/layers/leaky_relu.h>
#include <nn/layers/prelu.h>
#include <nn/layers/relu.h>
#include <nn/layers/sigmoid.h>
#include <nn/layers/silu.h>
#include <nn/layers/split.h>
#include <nn/layers/tanh.h>
#include <nn/layers/unary.h>
#include <nn/layers/where.h>

namespace nn {
namespace {

using B = Binary::Op;
using U = Unary::Op;

template <class Layer>
void activation(ExportedStep& step) {
  step.give(Layer{}, {float_input(step)});
}

void relu(ExportedStep& step) {
  const Operand x = step.tensor("self");
  if (x.dtype() == DType::float32) return step.give(ReLU{}, {x});
  step.give(Binary(B::maximum), {x, integer_of(0)});
}

void gelu(ExportedStep& step) {
  step.give(GELU({.approximate = step.text("approximate", "none")}), {float_input(step)});
}

void leaky_relu(ExportedStep& step) {
  step.give(LeakyReLU({.negative_slope = step.number("negative_slope", 0.01)}),
            {float_input(step)});
}

void elu(ExportedStep& step) {
  const double alpha = step.number("alpha", 1), scale = step.number("scale", 1);
  const Operand x = float_input(step);
  if (step.number("input_scale", 1) != 1) fail("input_scale is not 1");
  if (scale == 1) return step.give(ELU({.alpha = alpha}), {x});
  const Operand y = step.before().add(ELU({.alpha = alpha}), {x});
  step.give(mul_of(DType::float32), {y, number_of(scale)});
}

void celu(ExportedStep& step) {
  step.give(CELU({.alpha = step.number("alpha", 1)}), {float_input(step)});
}

void softplus(ExportedStep& step) {
  step.give(Softplus({.beta = step.number("beta", 1), .threshold = step.number("threshold", 20)}),
            {float_input(step)});
}

// Between two numbers; of floats as one layer.
void clamp_between(ExportedStep& step, std::string_view low, std::string_view high) {
  constexpr double most = std::numeric_limits<double>::infinity();
  const DType computed = promoted(step, {"self", low, high});
  const bool tensors = step.is_tensor(low) || step.is_tensor(high);
  if (computed_as(computed) == DType::float32 && !tensors) {
    const double least = step.number(low, -most), greatest = step.number(high, most);
    const Operand x = argument_as(step, "self", computed);
    if (least == 0 && greatest == 6) return step.give(ReLU6{}, {x});
    if (least < greatest && std::isfinite(least) && std::isfinite(greatest)) {
      return step.give(Hardtanh({.min_val = least, .max_val = greatest}), {x});
    }
    return step.give(Clamp({.min = least, .max = greatest}), {x});
  }
  const ExportedLayers before = step.before();
  Operand x = argument_as(step, "self", computed);
  if (step.gives(low)) x = before.add(Binary(B::maximum), {x, argument_as(step, low, computed)});
  if (step.gives(high)) x = before.add(Binary(B::minimum), {x, argument_as(step, high, computed)});
  give_computed(step, x, computed);
}

void clamp(ExportedStep& step) { clamp_between(step, "min", "max"); }
void clamp_min(ExportedStep& step) { clamp_between(step, "min", ""); }
void clamp_max(ExportedStep& step) { clamp_between(step, "", "max"); }

// Integers between two others.
void give_clamped(ExportedStep& step, const ExportedScalar& low, const ExportedScalar& high) {
  const DType dtype = step.dtype("self");
  const ExportedLayers before = step.before();
  const Operand above =
      before.add(Binary(B::maximum), {step.tensor("self"), number_as(low, DType::int64)});
  give_computed(step, step.layers().add(Binary(B::minimum), {above, number_as(high, DType::int64)}),
                dtype);
}

void relu6(ExportedStep& step) {
  const Operand x = step.tensor("self");
  if (x.dtype() == DType::float32) return step.give(ReLU6{}, {x});
  give_clamped(step, {true, 0, 0}, {true, 6, 6});
}

void hardtanh(ExportedStep& step) {
  const double low = step.number("min_val", -1), high = step.number("max_val", 1);
  if (step.tensor("self").dtype() != DType::float32) {
    return give_clamped(step, step.scalar("min_val", ExportedScalar{true, -1, -1}),
                        step.scalar("max_val", ExportedScalar{true, 1, 1}));
  }
  const Operand x = float_input(step);
  if (low == 0 && high == 6) return step.give(ReLU6{}, {x});
  if (low == high) return step.give(Clamp({.min = low, .max = high}), {x});
  step.give(Hardtanh({.min_val = low, .max_val = high}), {x});
}

// One slope, or one for each channel.
void prelu(ExportedStep& step) {
  const auto slope = step.weight("weight");
  const std::int64_t channels = slope->numel();
  PReLU layer({.num_parameters = channels});
  layer.weight.assign(std::make_shared<const Tensor>(slope->reshaped({channels})));
  step.give(layer, {float_input(step)});
}

// x <= threshold ? value : x
void threshold(ExportedStep& step) {
  const Operand x = step.tensor("self");
  const Operand low =
      step.before().add(Binary(B::le), {x, number_as(step.scalar("threshold"), x.dtype())});
  step.give(Where{}, {low, number_as(step.scalar("value"), x.dtype()), x});
}

void hardshrink(ExportedStep& step) {
  const Operand x = float_input(step);
  const ExportedLayers before = step.before();
  const Operand size = before.add(Unary(U::abs), {x});
  const Operand small = before.add(Binary(B::le), {size, number_of(step.number("lambd", 0.5))});
  step.give(Where{}, {small, number_of(0), x});
}

// x - l above l, x + l below -l, between them 0 x
void softshrink(ExportedStep& step) {
  const Operand x = float_input(step);
  const ExportedLayers before = step.before();
  const double l = step.number("lambd", 0.5);
  const auto binary = [&](B op, double number) {
    return before.add(Binary(op), {x, number_of(number)});
  };
  const Operand low =
      before.add(Where{}, {binary(B::lt, -l), binary(B::add, l), binary(B::mul, 0)});
  step.give(Where{}, {binary(B::gt, l), binary(B::sub, l), low});
}

void glu(ExportedStep& step) {
  const std::int64_t dim = step.integer("dim", -1);
  const Split halves({.chunks = 2, .dim = dim});
  const ExportedLayers before = step.before();
  const auto parts = before.add_all(halves, {float_input(step)});
  step.give(mul_of(DType::float32), {parts[0], before.add(Sigmoid{}, {parts[1]})});
}

constexpr std::array rows{
    ExportedOperator{"relu.default", relu},
    ExportedOperator{"relu6.default", relu6},
    ExportedOperator{"sigmoid.default", activation<Sigmoid>},
    ExportedOperator{"tanh.default", activation<Tanh>},
    ExportedOperator{"silu.default", activation<SiLU>},
    ExportedOperator{"mish.default", activation<Mish>},
    ExportedOperator{"hardswish.default", activation<Hardswish>},
    ExportedOperator{"hardsigmoid.default", activation<Hardsigmoid>},
    ExportedOperator{"log_sigmoid.default", activation<LogSigmoid>},
    ExportedOperator{"log_sigmoid_forward.default", activation<LogSigmoid>},
    ExportedOperator{"selu.default", activation<SELU>},
    ExportedOperator{"gelu.default", gelu},
    ExportedOperator{"leaky_relu.default", leaky_relu},
    ExportedOperator{"elu.default", elu},
    ExportedOperator{"celu.default", celu},
    ExportedOperator{"softplus.default", softplus},
    ExportedOperator{"hardtanh.default", hardtanh},
    ExportedOperator{"prelu.default", prelu},
    ExportedOperator{"threshold.default", threshold},
    ExportedOperator{"hardshrink.default", hardshrink},
    ExportedOperator{"softshrink.default", softshrink},
    ExportedOperator{"glu.default", glu},
    ExportedOperator{"clamp.default", clamp},
    ExportedOperator{"clamp.Tensor", clamp},
    ExportedOperator{"clamp_min.default", clamp_min},
    ExportedOperator{"clamp_min.Tensor", clamp_min},
    ExportedOperator{"clamp_max.default", clamp_max},
    ExportedOperator{"clamp_max.Tensor", clamp_max},
};

}  // namespace

std::span<const ExportedOperator> exported_activation_operators() { return rows; }

}  // namespace nn
