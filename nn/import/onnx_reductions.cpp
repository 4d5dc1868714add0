// The table's rows for one number, or one place, of whole dimensions.
#include <array>

#include <nn/import/common_layers.h>
#include <nn/import/onnx_step.h>
#include <nn/layers/arg_max.h>
#include <nn/layers/binary.h>
#include <nn/layers/cast.h>
#include <nn/layers/cum_sum.h>
#include <nn/layers/reduce.h>
#include <nn/layers/unary.h>

namespace nn {
namespace {

using R = Reduce::Op;
using U = Unary::Op;
using B = Binary::Op;

// The dimensions and what becomes of them; nothing where the input is to stay.
struct Reduction {
  std::vector<std::int64_t> dims;
  bool keepdim = true;
  bool none = false;  // no dimension is meant

  Module layer(R op) const { return Reduce({.op = op, .dims = dims, .keepdim = keepdim}); }
};

Reduction reduction_of(const OnnxStep& step) {
  Reduction result;
  result.dims = step.gives(1) ? step.known_integers(1) : step.integers("axes");
  result.keepdim = step.integer("keepdims", 1) != 0;
  result.none = result.dims.empty() && step.integer("noop_with_empty_axes", 0) != 0;
  return result;
}

template <R op>
void reduce(OnnxStep& step) {
  const Reduction reduction = reduction_of(step);
  const Operand x = step.input(0);
  if (reduction.none) return step.give(x);
  if (x.dtype() != DType::boolean) return step.give(reduction.layer(op), {x});
  // Of truths: as 0 and 1.
  const Operand numbers = step.between(Cast({.dtype = DType::int64}), {x});
  step.give(Cast({.dtype = DType::boolean}), {step.between(reduction.layer(op), {numbers})});
}

void reduce_l1(OnnxStep& step) {
  const Reduction reduction = reduction_of(step);
  const Operand sizes = step.between(Unary(U::abs), {step.input(0)});
  if (reduction.none) return step.give(sizes);
  step.give(reduction.layer(R::sum), {sizes});
}

Operand squares(OnnxStep& step) {
  const Operand x = step.input(0);
  return step.between(mul_of(x.dtype()), {x, x});
}

void reduce_sum_square(OnnxStep& step) {
  const Reduction reduction = reduction_of(step);
  if (reduction.none) return step.give(squares(step));
  step.give(reduction.layer(R::sum), {squares(step)});
}

void reduce_l2(OnnxStep& step) {
  const Reduction reduction = reduction_of(step);
  if (reduction.none) return step.give(Unary(U::abs), {step.input(0)});
  step.give(Unary(U::sqrt), {step.between(reduction.layer(R::sum), {squares(step)})});
}

void reduce_log_sum(OnnxStep& step) {
  const Reduction reduction = reduction_of(step);
  const Operand x = step.input(0);
  step.give(Unary(U::log), {reduction.none ? x : step.between(reduction.layer(R::sum), {x})});
}

// log(Σ e^x), which is computed with double sums of numbers that fit float32 up to e^88.
void reduce_log_sum_exp(OnnxStep& step) {
  const Reduction reduction = reduction_of(step);
  const Operand x = step.input(0);
  if (reduction.none) return step.give(x);
  Reduction kept = reduction;
  kept.keepdim = true;
  const Operand most = step.between(kept.layer(R::amax), {x});
  const Operand powers = step.between(Unary(U::exp), {step.between(Binary(B::sub), {x, most})});
  const Operand logarithm =
      step.between(Unary(U::log), {step.between(reduction.layer(R::sum), {powers})});
  const Operand added = reduction.keepdim ? most : step.between(reduction.layer(R::amax), {x});
  step.give(add_of(x.dtype()), {logarithm, added});
}

template <ArgMax::Op op>
void arg_max(OnnxStep& step) {
  if (step.integer("select_last_index", 0) != 0) {
    fail("attribute 'select_last_index' is 1, expected 0: the first of equal elements");
  }
  step.give(
      ArgMax(
          {.dim = step.integer("axis", 0), .keepdim = step.integer("keepdims", 1) != 0, .op = op}),
      {step.input(0)});
}

void cum_sum(OnnxStep& step) {
  const auto axis = step.known_integers(1);
  if (axis.size() != 1) fail("input 1 has ", axis.size(), " numbers, expected one axis");
  const Operand x = step.input(0);
  const Module layer = CumSum({.dim = axis[0]});
  const bool exclusive = step.integer("exclusive", 0) != 0;
  const bool reverse = step.integer("reverse", 0) != 0;
  if (!exclusive && !reverse) return step.give(layer, {x});
  const Operand sums = step.between(layer, {x});
  if (!reverse) return step.give(Binary(B::sub), {sums, x});
  // From the end: all but what stands before.
  const Operand all = step.between(Reduce({.op = R::sum, .dims = {axis[0]}, .keepdim = true}), {x});
  const Operand behind = step.between(Binary(B::sub), {all, sums});
  step.give(exclusive ? behind : step.between(add_of(x.dtype()), {behind, x}));
}

constexpr std::array rows{
    OnnxOperator{"ReduceSum", reduce<R::sum>},
    OnnxOperator{"ReduceMean", reduce<R::mean>},
    OnnxOperator{"ReduceMax", reduce<R::amax>},
    OnnxOperator{"ReduceMin", reduce<R::amin>},
    OnnxOperator{"ReduceProd", reduce<R::prod>},
    OnnxOperator{"ReduceL1", reduce_l1},
    OnnxOperator{"ReduceL2", reduce_l2},
    OnnxOperator{"ReduceSumSquare", reduce_sum_square},
    OnnxOperator{"ReduceLogSum", reduce_log_sum},
    OnnxOperator{"ReduceLogSumExp", reduce_log_sum_exp},
    OnnxOperator{"ArgMax", arg_max<ArgMax::Op::argmax>},
    OnnxOperator{"ArgMin", arg_max<ArgMax::Op::argmin>},
    OnnxOperator{"CumSum", cum_sum},
};

}  // namespace

std::span<const OnnxOperator> onnx_reduce_operators() { return rows; }

}  // namespace nn
