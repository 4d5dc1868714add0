// The table's rows for functions of elements.
#include <array>

#include <nn/import/common_layers.h>
#include <nn/import/onnx_step.h>
#include <nn/layers/binary.h>
#include <nn/layers/cast.h>
#include <nn/layers/unary.h>
#include <nn/layers/where.h>

namespace nn {
namespace {

using B = Binary::Op;
using U = Unary::Op;

template <U op>
void unary(OnnxStep& step) {
  step.give(Unary(op), {step.input(0)});
}

template <B op>
void binary(OnnxStep& step) {
  step.give(Binary(op), {step.input(0), step.input(1)});
}

// a + b and a b, which passes know.
template <Module (*layer_of)(DType)>
void known_binary(OnnxStep& step) {
  step.give(layer_of(step.input(0).dtype()), {step.input(0), step.input(1)});
}

// Any number of inputs, one after another.
Operand chained(OnnxStep& step, const Module& layer) {
  Operand result = step.input(0);
  for (std::size_t i = 1; i < step.input_count(); ++i) {
    result = step.between(layer, {result, step.input(i)});
  }
  return result;
}

template <B op>
void chain(OnnxStep& step) {
  step.give(chained(step, Binary(op)));
}

void sum(OnnxStep& step) { step.give(chained(step, add_of(step.input(0).dtype()))); }

void mean(OnnxStep& step) {
  const auto count = static_cast<double>(step.input_count());
  step.give(Binary(B::div), {chained(step, add_of(step.input(0).dtype())), number_of(count)});
}

void mod(OnnxStep& step) {
  if (step.integer("fmod", 0) != 0) return binary<B::fmod>(step);
  binary<B::remainder>(step);
}

// The result has the base's element type, whatever the exponent's.
void pow(OnnxStep& step) {
  const Operand base = step.input(0), exponent = step.input(1);
  if (base.dtype() == exponent.dtype()) return step.give(Binary(B::pow), {base, exponent});
  const auto floats = [&](const Operand& x) {
    return x.dtype() == DType::float32 ? x : step.between(Cast({.dtype = DType::float32}), {x});
  };
  const Operand power = step.between(Binary(B::pow), {floats(base), floats(exponent)});
  if (base.dtype() == DType::float32) return step.give(power);
  step.give(Cast({.dtype = base.dtype()}), {power});
}

void where(OnnxStep& step) { step.give(Where{}, {step.input(0), step.input(1), step.input(2)}); }

void is_inf(OnnxStep& step) {
  const bool negative = step.integer("detect_negative", 1) != 0;
  const bool positive = step.integer("detect_positive", 1) != 0;
  const Operand x = step.input(0);
  if (negative && positive) return step.give(Unary(U::isinf), {x});
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (!negative && !positive) {
    return step.give(Binary(B::logical_and),
                     {step.between(Binary(B::lt), {x, x}), step.between(Binary(B::lt), {x, x})});
  }
  step.give(Binary(B::eq), {x, number_of(positive ? infinity : -infinity)});
}

constexpr std::array rows{
    OnnxOperator{"Add", known_binary<add_of>},
    OnnxOperator{"Mul", known_binary<mul_of>},
    OnnxOperator{"Sub", binary<B::sub>},
    OnnxOperator{"Div", binary<B::div>},
    OnnxOperator{"Pow", pow},
    OnnxOperator{"Mod", mod},
    OnnxOperator{"Equal", binary<B::eq>},
    OnnxOperator{"Less", binary<B::lt>},
    OnnxOperator{"LessOrEqual", binary<B::le>},
    OnnxOperator{"Greater", binary<B::gt>},
    OnnxOperator{"GreaterOrEqual", binary<B::ge>},
    OnnxOperator{"And", binary<B::logical_and>},
    OnnxOperator{"Or", binary<B::logical_or>},
    OnnxOperator{"Xor", binary<B::logical_xor>},
    OnnxOperator{"Not", unary<U::logical_not>},
    OnnxOperator{"Max", chain<B::maximum>},
    OnnxOperator{"Min", chain<B::minimum>},
    OnnxOperator{"Sum", sum},
    OnnxOperator{"Mean", mean},
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
    OnnxOperator{"Tan", unary<U::tan>},
    OnnxOperator{"Asin", unary<U::asin>},
    OnnxOperator{"Acos", unary<U::acos>},
    OnnxOperator{"Atan", unary<U::atan>},
    OnnxOperator{"Sinh", unary<U::sinh>},
    OnnxOperator{"Cosh", unary<U::cosh>},
    OnnxOperator{"Asinh", unary<U::asinh>},
    OnnxOperator{"Acosh", unary<U::acosh>},
    OnnxOperator{"Atanh", unary<U::atanh>},
    OnnxOperator{"Floor", unary<U::floor>},
    OnnxOperator{"Ceil", unary<U::ceil>},
    OnnxOperator{"Round", unary<U::round>},
    OnnxOperator{"IsNaN", unary<U::isnan>},
    OnnxOperator{"IsInf", is_inf},
};

}  // namespace

std::span<const OnnxOperator> onnx_function_operators() { return rows; }

}  // namespace nn
