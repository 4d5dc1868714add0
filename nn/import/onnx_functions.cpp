// The table's rows for functions of elements, reductions and softmax.
#include <array>
#include <limits>

#include <nn/import/common_layers.h>
#include <nn/import/onnx_step.h>
#include <nn/layers/activations.h>
#include <nn/layers/binary.h>
#include <nn/layers/flatten.h>
#include <nn/layers/gelu.h>
#include <nn/layers/leaky_relu.h>
#include <nn/layers/log_softmax.h>
#include <nn/layers/prelu.h>
#include <nn/layers/reduce.h>
#include <nn/layers/relu.h>
#include <nn/layers/reshape.h>
#include <nn/layers/sigmoid.h>
#include <nn/layers/sizes_of.h>
#include <nn/layers/softmax.h>
#include <nn/layers/tanh.h>
#include <nn/layers/unary.h>
#include <nn/layers/where.h>

namespace nn {
namespace {

template <class Layer>
void plain(OnnxStep& step) {
  step.give(Layer{}, {step.input(0)});
}

template <Unary::Op op>
void unary(OnnxStep& step) {
  step.give(Unary(op), {step.input(0)});
}

template <Binary::Op op>
void binary(OnnxStep& step) {
  step.give(Binary(op), {step.input(0), step.input(1)});
}

// a + b and a b, which passes know.
template <Module (*layer_of)(DType)>
void known_binary(OnnxStep& step) {
  step.give(layer_of(step.input(0).dtype()), {step.input(0), step.input(1)});
}

// Any number of inputs.
void chain(OnnxStep& step, const Module& layer) {
  Operand result = step.input(0);
  if (step.input_count() == 1) return step.give(result);
  for (std::size_t i = 1; i + 1 < step.input_count(); ++i) {
    result = step.between(layer, {result, step.input(i)});
  }
  step.give(layer, {result, step.input(step.input_count() - 1)});
}

template <Binary::Op op>
void chain(OnnxStep& step) {
  chain(step, Binary(op));
}

void sum(OnnxStep& step) { chain(step, add_of(step.input(0).dtype())); }

void mod(OnnxStep& step) {
  if (step.integer("fmod", 0) != 0) fail("attribute 'fmod' is 1, expected 0");
  binary<Binary::Op::remainder>(step);
}

void leaky_relu(OnnxStep& step) {
  step.give(LeakyReLU({.negative_slope = step.number("alpha", 0.01)}), {step.input(0)});
}

void gelu(OnnxStep& step) {
  step.give(GELU({.approximate = step.text("approximate", "none")}), {step.input(0)});
}

void prelu(OnnxStep& step) {
  const auto& slope = step.weight(1);
  std::int64_t channels = slope->numel();
  PReLU layer({.num_parameters = channels});
  layer.weight.assign(std::make_shared<const Tensor>(slope->reshaped({channels})));
  step.give(layer, {step.input(0)});
}

// Before opset 13 all dimensions from the axis on are one.
template <class Layer>
void softmax(OnnxStep& step) {
  if (step.opset() >= 13) {
    return step.give(Layer({.dim = step.integer("axis", -1)}), {step.input(0)});
  }
  const std::int64_t axis = step.integer("axis", 1);
  if (axis == -1) return step.give(Layer({.dim = -1}), {step.input(0)});
  // [a, b, c, d] with axis 1 -> [a, b c d] -> softmax -> as it was
  const Operand x = step.input(0);
  const Operand flat = step.between(Flatten({.start_dim = axis, .end_dim = -1}), {x});
  const Operand y = step.between(Layer({.dim = -1}), {flat});
  const Operand sizes = step.between(SizesOf{}, {x});
  step.give({y},
            {.kind = "Reshape",
             .make =
                 [](std::span<const Deferred::Argument> arguments) {
                   const auto n = arguments[0].integers();
                   std::vector<std::int64_t> shape(n.begin(), n.end());
                   if (!shape.empty() && arguments[0].follows_rows[0]) shape[0] = -1;
                   return Module(Reshape({.shape = shape}));
                 }},
            {sizes});
}

template <Reduce::Op op>
void reduce(OnnxStep& step) {
  const bool keepdim = step.integer("keepdims", 1) != 0;
  const bool by_input = step.gives(1);
  const std::vector<std::int64_t> axes = by_input ? step.known_integers(1) : step.integers("axes");
  if (axes.empty() && step.integer("noop_with_empty_axes", 0) != 0) {
    return step.give(step.input(0));
  }
  step.give(Reduce({.op = op, .dims = axes, .keepdim = keepdim}), {step.input(0)});
}

float bound(const OnnxStep& step, std::size_t input, std::string_view attribute, float otherwise) {
  if (step.gives(input)) {
    const Tensor& value = *step.weight(input);
    if (value.numel() != 1) fail("input ", input, " is ", value.shape(), ", expected one number");
    return to(value, DType::float32).f32()[0];
  }
  return static_cast<float>(step.number(attribute, static_cast<double>(otherwise)));
}

void clip(OnnxStep& step) {
  constexpr float most = std::numeric_limits<float>::infinity();
  const float low = bound(step, 1, "min", -most), high = bound(step, 2, "max", most);
  step.give(Clamp({.min = low, .max = high}), {step.input(0)});
}

void where(OnnxStep& step) { step.give(Where{}, {step.input(0), step.input(1), step.input(2)}); }

using B = Binary::Op;
using U = Unary::Op;
using R = Reduce::Op;

constexpr std::array rows{
    OnnxOperator{"Relu", plain<ReLU>},
    OnnxOperator{"Sigmoid", plain<Sigmoid>},
    OnnxOperator{"Tanh", plain<Tanh>},
    OnnxOperator{"LeakyRelu", leaky_relu},
    OnnxOperator{"Gelu", gelu},
    OnnxOperator{"PRelu", prelu},
    OnnxOperator{"Clip", clip},
    OnnxOperator{"Softmax", softmax<Softmax>},
    OnnxOperator{"LogSoftmax", softmax<LogSoftmax>},
    OnnxOperator{"Add", known_binary<add_of>},
    OnnxOperator{"Sub", binary<B::sub>},
    OnnxOperator{"Mul", known_binary<mul_of>},
    OnnxOperator{"Div", binary<B::div>},
    OnnxOperator{"Pow", binary<B::pow>},
    OnnxOperator{"Mod", mod},
    OnnxOperator{"Equal", binary<B::eq>},
    OnnxOperator{"Less", binary<B::lt>},
    OnnxOperator{"LessOrEqual", binary<B::le>},
    OnnxOperator{"Greater", binary<B::gt>},
    OnnxOperator{"GreaterOrEqual", binary<B::ge>},
    OnnxOperator{"And", binary<B::logical_and>},
    OnnxOperator{"Or", binary<B::logical_or>},
    OnnxOperator{"Xor", binary<B::logical_xor>},
    OnnxOperator{"Max", chain<B::maximum>},
    OnnxOperator{"Min", chain<B::minimum>},
    OnnxOperator{"Sum", sum},
    OnnxOperator{"Where", where},
    OnnxOperator{"Neg", unary<U::neg>},
    OnnxOperator{"Abs", unary<U::abs>},
    OnnxOperator{"Sign", unary<U::sign>},
    OnnxOperator{"Sqrt", unary<U::sqrt>},
    OnnxOperator{"Reciprocal", unary<U::reciprocal>},
    OnnxOperator{"Exp", unary<U::exp>},
    OnnxOperator{"Log", unary<U::log>},
    OnnxOperator{"Erf", unary<U::erf>},
    OnnxOperator{"Sin", unary<U::sin>},
    OnnxOperator{"Cos", unary<U::cos>},
    OnnxOperator{"Floor", unary<U::floor>},
    OnnxOperator{"Ceil", unary<U::ceil>},
    OnnxOperator{"Round", unary<U::round>},
    OnnxOperator{"Not", unary<U::logical_not>},
    OnnxOperator{"IsNaN", unary<U::isnan>},
    OnnxOperator{"ReduceSum", reduce<R::sum>},
    OnnxOperator{"ReduceMean", reduce<R::mean>},
    OnnxOperator{"ReduceMax", reduce<R::amax>},
    OnnxOperator{"ReduceMin", reduce<R::amin>},
    OnnxOperator{"ReduceProd", reduce<R::prod>},
};

}  // namespace

std::span<const OnnxOperator> onnx_function_operators() { return rows; }

}  // namespace nn
