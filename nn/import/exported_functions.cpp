// The table's rows for functions of each element: arithmetic, roots and powers, comparisons. All of
// them work in place too, under names like "add_.Tensor".
#include <array>
#include <cmath>

#include <nn/import/common_layers.h>
#include <nn/import/exported_arithmetic.h>
#include <nn/layers/unary.h>
#include <nn/layers/where.h>

namespace nn {
namespace {

using B = Binary::Op;
using U = Unary::Op;

// The element type in which layers add and multiply what PyTorch does in `dtype`.
DType arithmetic(DType dtype) {
  return computed_as(dtype) == DType::float32 ? DType::float32 : DType::int64;
}

template <U op>
void float_unary(ExportedStep& step) {
  step.give(Unary(op), {float_input(step)});
}

// Of integers too.
template <U op>
void number_unary(ExportedStep& step) {
  const DType dtype = step.dtype("self");
  const Operand x = step.before().cast(step.tensor("self"), arithmetic(dtype));
  give_computed(step, step.layers().add(Unary(op), {x}), dtype);
}

// Which leave integers as they are.
template <U op>
void rounding(ExportedStep& step) {
  const Operand x = step.tensor("self");
  x.dtype() == DType::float32 ? step.give(Unary(op), {x}) : step.give(x);
}

void round(ExportedStep& step) {
  if (step.integer("decimals", 0) != 0) fail("it rounds to decimals, expected to integers");
  rounding<U::round>(step);
}

Operand truncated(const ExportedLayers& before, const Operand& x) {
  const Operand size = before.add(Unary(U::floor), {before.add(Unary(U::abs), {x})});
  return before.add(Binary(B::mul), {before.add(Unary(U::sign), {x}), size});
}

void trunc(ExportedStep& step) {
  const Operand x = step.tensor("self");
  step.give(x.dtype() == DType::float32 ? truncated(step.before(), x) : x);
}

void square(ExportedStep& step) {
  const DType dtype = step.dtype("self");
  const Operand x = argument_as(step, "self", dtype);
  give_computed(step, step.layers().add(mul_of(x.dtype()), {x, x}), dtype);
}

Operand operand(const ExportedStep& step, std::string_view argument, DType computed) {
  const Operand x = argument_as(step, argument, computed);
  return step.before().cast(x, arithmetic(computed));
}

template <B op>
void binary(ExportedStep& step) {
  const DType computed = promoted(step, {"self", "other"});
  const Operand a = operand(step, "self", computed), b = operand(step, "other", computed);
  Module layer = Binary(op);
  if (op == B::mul) layer = mul_of(a.dtype());
  give_computed(step, step.layers().add(layer, {a, b}), computed);
}

// a + alpha b, and with the sign and the order of subtractions
Operand scaled(const ExportedStep& step, const Operand& x, DType computed) {
  const ExportedScalar alpha = step.scalar("alpha", ExportedScalar{true, 1, 1});
  if (alpha.number == 1) return x;
  return step.before().add(mul_of(x.dtype()),
                           {x, step.before().cast(number_as(alpha, computed), x.dtype())});
}

void add(ExportedStep& step) {
  const DType computed = promoted(step, {"self", "other"});
  const Operand a = operand(step, "self", computed);
  const Operand b = scaled(step, operand(step, "other", computed), computed);
  give_computed(step, step.layers().add(add_of(a.dtype()), {a, b}), computed);
}

void sub(ExportedStep& step) {
  const DType computed = promoted(step, {"self", "other"});
  const Operand a = operand(step, "self", computed);
  const Operand b = scaled(step, operand(step, "other", computed), computed);
  give_computed(step, step.layers().add(Binary(B::sub), {a, b}), computed);
}

void rsub(ExportedStep& step) {
  const DType computed = promoted(step, {"self", "other"});
  const Operand a = scaled(step, operand(step, "self", computed), computed);
  const Operand b = operand(step, "other", computed);
  give_computed(step, step.layers().add(Binary(B::sub), {b, a}), computed);
}

// Of integers a float.
void div(ExportedStep& step) {
  DType computed = promoted(step, {"self", "other"});
  const std::string mode = step.text("rounding_mode", "");
  if (!mode.empty() && mode != "floor" && mode != "trunc") {
    fail("argument 'rounding_mode' is '", printable(mode), "', expected floor or trunc");
  }
  if (mode.empty() && computed_as(computed) != DType::float32) computed = DType::float32;
  const Operand a = operand(step, "self", computed), b = operand(step, "other", computed);
  if (mode == "floor") {
    return give_computed(step, step.layers().add(Binary(B::floor_divide), {a, b}), computed);
  }
  const Operand quotient = step.layers().add(Binary(B::div), {a, b});
  const bool cut = mode == "trunc" && a.dtype() == DType::float32;
  give_computed(step, cut ? truncated(step.before(), quotient) : quotient, computed);
}

void pow(ExportedStep& step) {
  const DType computed = promoted(step, {"self", "exponent"});
  const Operand x = operand(step, "self", computed);
  if (!step.is_tensor("exponent")) {
    // As PyTorch does; faster, and some rounded twice.
    const double exponent = step.scalar("exponent").number;
    const ExportedLayers layers = step.layers();
    const Module mul = mul_of(x.dtype());
    if (exponent == 1) return give_computed(step, x, computed);
    if (exponent == 2) return give_computed(step, layers.add(mul, {x, x}), computed);
    if (exponent == 3) {
      return give_computed(step, layers.add(mul, {step.before().add(mul, {x, x}), x}), computed);
    }
    if (x.dtype() == DType::float32) {
      if (exponent == 0.5) return give_computed(step, layers.add(Unary(U::sqrt), {x}), computed);
      if (exponent == -0.5) return give_computed(step, layers.add(Unary(U::rsqrt), {x}), computed);
      if (exponent == -1) {
        return give_computed(step, layers.add(Unary(U::reciprocal), {x}), computed);
      }
    }
  }
  const Operand y = operand(step, "exponent", computed);
  give_computed(step, step.layers().add(Binary(B::pow), {x, y}), computed);
}

// The remainder with the sign of the dividend; exact of integers.
void fmod(ExportedStep& step) {
  const DType computed = promoted(step, {"self", "other"});
  const Operand a = operand(step, "self", computed), b = operand(step, "other", computed);
  if (a.dtype() == DType::float32) fail("remainders of floats by fmod are not supported");
  const ExportedLayers before = step.before();
  const Operand whole = before.add(Binary(B::mul), {before.add(Binary(B::div), {a, b}), b});
  give_computed(step, step.layers().add(Binary(B::sub), {a, whole}), computed);
}

template <B op>
void compare(ExportedStep& step) {
  const DType computed = promoted(step, {"self", "other"});
  give_computed(step,
                step.layers().add(Binary(op), {operand(step, "self", computed),
                                               operand(step, "other", computed)}),
                DType::boolean);
}

// Truths of anything: what is not 0.
Operand truth(const ExportedStep& step, std::string_view argument) {
  return step.before().cast(step.tensor(argument), DType::boolean);
}

template <B op>
void logical(ExportedStep& step) {
  step.give(Binary(op), {truth(step, "self"), truth(step, "other")});
}

template <B op>
void bitwise(ExportedStep& step) {
  for (const std::string_view argument : {"self", "other"}) {
    if (step.is_tensor(argument) && step.dtype(argument) != DType::boolean) {
      fail("it is given integers, supported for truths");
    }
  }
  step.give(Binary(op), {truth(step, "self"), argument_as(step, "other", DType::boolean)});
}

void logical_not(ExportedStep& step) { step.give(Unary(U::logical_not), {truth(step, "self")}); }

void bitwise_not(ExportedStep& step) {
  if (step.dtype("self") != DType::boolean) fail("it is given integers, supported for truths");
  logical_not(step);
}

void isfinite(ExportedStep& step) {
  const Operand x = float_input(step);
  const ExportedLayers before = step.before();
  const Operand not_finite = before.add(
      Binary(B::logical_or), {before.add(Unary(U::isinf), {x}), before.add(Unary(U::isnan), {x})});
  step.give(Unary(U::logical_not), {not_finite});
}

// start + weight (end - start), from the nearer end.
void lerp(ExportedStep& step) {
  const ExportedLayers before = step.before();
  const Operand start = float_input(step), end = float_input(step, "end");
  const double weight = step.number("weight");
  const Operand way = before.add(Binary(B::sub), {end, start});
  if (std::fabs(weight) < 0.5) {
    return step.give(add_of(DType::float32),
                     {start, before.add(mul_of(DType::float32), {way, number_of(weight)})});
  }
  step.give(Binary(B::sub),
            {end, before.add(mul_of(DType::float32), {way, number_of(1 - weight)})});
}

void where(ExportedStep& step) {
  const DType computed = promoted(step, {"self", "other"});
  const Operand y =
      step.layers().add(Where{}, {truth(step, "condition"), argument_as(step, "self", computed),
                                  argument_as(step, "other", computed)});
  give_computed(step, y, computed);
}

void masked_fill(ExportedStep& step) {
  const DType dtype = step.dtype("self");
  step.give(Where{}, {truth(step, "mask"), argument_as(step, "value", dtype),
                      argument_as(step, "self", dtype)});
}

// self + value a b, and with a quotient
template <B op>
void add_of_two(ExportedStep& step) {
  const DType computed = promoted(step, {"self", "tensor1", "tensor2"});
  if (op == B::div && computed_as(computed) != DType::float32) {
    fail("Integer division with addcdiv is no longer supported");
  }
  const ExportedLayers before = step.before();
  const Operand both = before.add(
      Binary(op), {operand(step, "tensor1", computed), operand(step, "tensor2", computed)});
  const ExportedScalar value = step.scalar("value", ExportedScalar{true, 1, 1});
  const Operand scaled =
      value.number == 1 ? both
                        : before.add(mul_of(both.dtype()), {both, number_as(value, both.dtype())});
  const Operand self = operand(step, "self", computed);
  give_computed(step, step.layers().add(add_of(self.dtype()), {self, scaled}), computed);
}

constexpr std::array rows{
    ExportedOperator{"neg.default", number_unary<U::neg>},
    ExportedOperator{"abs.default", number_unary<U::abs>},
    ExportedOperator{"sign.default", number_unary<U::sign>},
    ExportedOperator{"sgn.default", number_unary<U::sign>},
    ExportedOperator{"sqrt.default", float_unary<U::sqrt>},
    ExportedOperator{"rsqrt.default", float_unary<U::rsqrt>},
    ExportedOperator{"reciprocal.default", float_unary<U::reciprocal>},
    ExportedOperator{"exp.default", float_unary<U::exp>},
    ExportedOperator{"log.default", float_unary<U::log>},
    ExportedOperator{"log1p.default", float_unary<U::log1p>},
    ExportedOperator{"erf.default", float_unary<U::erf>},
    ExportedOperator{"erfc.default", float_unary<U::erfc>},
    ExportedOperator{"exp2.default", float_unary<U::exp2>},
    ExportedOperator{"expm1.default", float_unary<U::expm1>},
    ExportedOperator{"log2.default", float_unary<U::log2>},
    ExportedOperator{"log10.default", float_unary<U::log10>},
    ExportedOperator{"sin.default", float_unary<U::sin>},
    ExportedOperator{"cos.default", float_unary<U::cos>},
    ExportedOperator{"tan.default", float_unary<U::tan>},
    ExportedOperator{"asin.default", float_unary<U::asin>},
    ExportedOperator{"acos.default", float_unary<U::acos>},
    ExportedOperator{"atan.default", float_unary<U::atan>},
    ExportedOperator{"sinh.default", float_unary<U::sinh>},
    ExportedOperator{"cosh.default", float_unary<U::cosh>},
    ExportedOperator{"asinh.default", float_unary<U::asinh>},
    ExportedOperator{"acosh.default", float_unary<U::acosh>},
    ExportedOperator{"atanh.default", float_unary<U::atanh>},
    ExportedOperator{"floor.default", rounding<U::floor>},
    ExportedOperator{"ceil.default", rounding<U::ceil>},
    ExportedOperator{"round.default", round},
    ExportedOperator{"round.decimals", round},
    ExportedOperator{"trunc.default", trunc},
    ExportedOperator{"fix.default", trunc},
    ExportedOperator{"square.default", square},
    ExportedOperator{"isnan.default", float_unary<U::isnan>},
    ExportedOperator{"isinf.default", float_unary<U::isinf>},
    ExportedOperator{"isfinite.default", isfinite},
    ExportedOperator{"add.Tensor", add},
    ExportedOperator{"add.Scalar", add},
    ExportedOperator{"sub.Tensor", sub},
    ExportedOperator{"sub.Scalar", sub},
    ExportedOperator{"rsub.Tensor", rsub},
    ExportedOperator{"rsub.Scalar", rsub},
    ExportedOperator{"mul.Tensor", binary<B::mul>},
    ExportedOperator{"mul.Scalar", binary<B::mul>},
    ExportedOperator{"div.Tensor", div},
    ExportedOperator{"div.Scalar", div},
    ExportedOperator{"div.Tensor_mode", div},
    ExportedOperator{"div.Scalar_mode", div},
    ExportedOperator{"floor_divide.default", binary<B::floor_divide>},
    ExportedOperator{"floor_divide.Scalar", binary<B::floor_divide>},
    ExportedOperator{"remainder.Tensor", binary<B::remainder>},
    ExportedOperator{"remainder.Scalar", binary<B::remainder>},
    ExportedOperator{"remainder.Scalar_Tensor", binary<B::remainder>},
    ExportedOperator{"fmod.Tensor", fmod},
    ExportedOperator{"fmod.Scalar", fmod},
    ExportedOperator{"pow.Tensor_Scalar", pow},
    ExportedOperator{"pow.Tensor_Tensor", pow},
    ExportedOperator{"pow.Scalar", pow},
    ExportedOperator{"maximum.default", binary<B::maximum>},
    ExportedOperator{"minimum.default", binary<B::minimum>},
    ExportedOperator{"max.other", binary<B::maximum>},
    ExportedOperator{"min.other", binary<B::minimum>},
    ExportedOperator{"eq.Tensor", compare<B::eq>},
    ExportedOperator{"eq.Scalar", compare<B::eq>},
    ExportedOperator{"ne.Tensor", compare<B::ne>},
    ExportedOperator{"ne.Scalar", compare<B::ne>},
    ExportedOperator{"lt.Tensor", compare<B::lt>},
    ExportedOperator{"lt.Scalar", compare<B::lt>},
    ExportedOperator{"le.Tensor", compare<B::le>},
    ExportedOperator{"le.Scalar", compare<B::le>},
    ExportedOperator{"gt.Tensor", compare<B::gt>},
    ExportedOperator{"gt.Scalar", compare<B::gt>},
    ExportedOperator{"ge.Tensor", compare<B::ge>},
    ExportedOperator{"ge.Scalar", compare<B::ge>},
    ExportedOperator{"logical_and.default", logical<B::logical_and>},
    ExportedOperator{"logical_or.default", logical<B::logical_or>},
    ExportedOperator{"logical_xor.default", logical<B::logical_xor>},
    ExportedOperator{"logical_not.default", logical_not},
    ExportedOperator{"bitwise_and.Tensor", bitwise<B::logical_and>},
    ExportedOperator{"bitwise_or.Tensor", bitwise<B::logical_or>},
    ExportedOperator{"bitwise_xor.Tensor", bitwise<B::logical_xor>},
    ExportedOperator{"__and__.Tensor", bitwise<B::logical_and>},
    ExportedOperator{"__or__.Tensor", bitwise<B::logical_or>},
    ExportedOperator{"bitwise_not.default", bitwise_not},
    ExportedOperator{"where.self", where},
    ExportedOperator{"where.ScalarOther", where},
    ExportedOperator{"where.ScalarSelf", where},
    ExportedOperator{"where.Scalar", where},
    ExportedOperator{"masked_fill.Scalar", masked_fill},
    ExportedOperator{"masked_fill.Tensor", masked_fill},
    ExportedOperator{"lerp.Scalar", lerp},
    ExportedOperator{"true_divide.Tensor", div},
    ExportedOperator{"addcmul.default", add_of_two<B::mul>},
    ExportedOperator{"addcdiv.default", add_of_two<B::div>},
};

}  // namespace

std::span<const ExportedOperator> exported_function_operators() { return rows; }

}  // namespace nn
