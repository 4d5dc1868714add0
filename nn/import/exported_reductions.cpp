// The table's rows for softmax, reductions and what else goes along dimensions.
#include <array>
#include <cmath>
#include <limits>

#include <nn/import/common_layers.h>
#include <nn/import/exported_arithmetic.h>
#include <nn/layers/arg_max.h>
#include <nn/layers/constant.h>
#include <nn/layers/cum_sum.h>
#include <nn/layers/log_softmax.h>
#include <nn/layers/reduce.h>
#include <nn/layers/softmax.h>
#include <nn/layers/unary.h>
#include <nn/layers/where.h>

namespace nn {
namespace {

using B = Binary::Op;
using R = Reduce::Op;
using U = Unary::Op;

template <class Layer>
void softmax(ExportedStep& step) {
  const auto dtype = step.scalar_type("dtype");
  if (dtype && computed_as(*dtype) != DType::float32) fail("it is asked for integers");
  step.give(Layer({.dim = step.integer("dim")}),
            {step.before().cast(step.tensor("self"), DType::float32)});
}

// Rows of -inf alone give 0.
void safe_softmax(ExportedStep& step) {
  const std::int64_t dim = step.integer("dim");
  const ExportedLayers before = step.before();
  const Operand x = before.cast(step.tensor("self"), DType::float32);
  const Operand most = before.add(Reduce({.op = R::amax, .dims = {dim}, .keepdim = true}), {x});
  const Operand hidden =
      before.add(Binary(B::eq), {most, number_of(-std::numeric_limits<double>::infinity())});
  step.give(Where{}, {hidden, number_of(0), before.add(Softmax({.dim = dim}), {x})});
}

// The dimensions of an argument that is one, several, None or [] for all.
std::vector<std::int64_t> dims_of(const ExportedStep& step, std::string_view argument = "dim") {
  return step.integers(argument);
}

Reduce along(const ExportedStep& step, R op) {
  return Reduce({.op = op, .dims = dims_of(step), .keepdim = step.boolean("keepdim", false)});
}

// The element type in which it is computed: `dtype`, or of integers and truths int64.
template <R op>
void reduce(ExportedStep& step) {
  DType computed = step.dtype("self");
  const bool adds = op == R::sum || op == R::prod;
  if (adds && !is_floating_point(computed)) computed = DType::int64;
  if (const auto dtype = step.scalar_type("dtype")) computed = *dtype;
  if (op == R::mean && !is_floating_point(computed)) {
    fail(
        "mean(): could not infer output dtype. Input dtype must be either a floating point or "
        "complex dtype. Got: ",
        computed);
  }
  const DType layer =
      computed_as(computed) == DType::boolean ? DType::int64 : computed_as(computed);
  const Operand x = step.before().cast(step.tensor("self"), layer);
  give_computed(step, step.layers().add(along(step, op), {x}), computed);
}

// The largest or smallest, and with a dimension where it stands.
template <R op>
void extreme(ExportedStep& step) {
  const DType dtype = step.dtype("self");
  const DType layer = computed_as(dtype) == DType::float32 ? DType::float32 : DType::int64;
  const Operand x = step.before().cast(step.tensor("self"), layer);
  give_computed(step, step.layers().add(along(step, op), {x}), dtype);
  if (!step.wants(1)) return;
  const ArgMax place({.dim = step.integer("dim"),
                      .keepdim = step.boolean("keepdim", false),
                      .op = op == R::amax ? ArgMax::Op::argmax : ArgMax::Op::argmin});
  step.give(step.before().add(place, {x}), 1);
}

template <ArgMax::Op op>
void arg(ExportedStep& step) {
  ArgMax::Options options{.keepdim = step.boolean("keepdim", false), .op = op};
  if (step.gives("dim")) options.dim = step.integer("dim");
  if (!options.dim && options.keepdim) fail("it keeps dimensions without one to look along");
  const DType layer =
      computed_as(step.dtype("self")) == DType::float32 ? DType::float32 : DType::int64;
  step.give(ArgMax(options), {step.before().cast(step.tensor("self"), layer)});
}

// Truths as 0 and 1: the largest and the smallest of them.
template <R op>
void quantify(ExportedStep& step) {
  const ExportedLayers before = step.before();
  const Operand truths = before.cast(step.tensor("self"), DType::boolean);
  const Operand numbers = before.cast(truths, DType::int64);
  const Operand y = step.layers().add(along(step, op), {numbers});
  step.give(before.cast(y, DType::boolean));
}

// Σ (x - mean)² / (n - correction) and its root; n comes from the sizes.
struct Spread {
  Operand variance;
  Operand mean;
};

Spread spread(const ExportedStep& step) {
  const ExportedLayers before = step.before();
  const Operand x = before.cast(step.tensor("self"), DType::float32);
  const auto dims = dims_of(step);
  const bool keepdim = step.boolean("keepdim", false);
  double correction = 1;
  if (step.gives("unbiased")) correction = step.boolean("unbiased") ? 1 : 0;
  if (step.gives("correction")) correction = step.number("correction");
  const auto reduce = [&](R op, const Operand& of, bool keep) {
    return before.add(Reduce({.op = op, .dims = dims, .keepdim = keep}), {of});
  };
  const Operand centered = before.add(Binary(B::sub), {x, reduce(R::mean, x, true)});
  const Operand squares = before.add(mul_of(DType::float32), {centered, centered});
  const Operand mean = reduce(R::mean, x, keepdim);
  if (correction == 0) return {reduce(R::mean, squares, keepdim), mean};
  const auto divisor = [dims, correction](std::span<const Deferred::Argument> arguments) {
    const auto sizes = arguments[0].integers();
    double count = 1;
    if (dims.empty()) {
      for (const std::int64_t size : sizes) count *= static_cast<double>(size);
    }
    for (const std::int64_t dim : dims) {
      count *= static_cast<double>(sizes[normalize_dim(dim, sizes.size())]);
    }
    const double rest = std::max(0.0, count - correction);
    return Module(Constant(Tensor::from({static_cast<float>(rest)}, {})));
  };
  const Operand count = before.add({}, {.kind = "Constant", .make = divisor}, {before.sizes_of(x)});
  return {before.add(Binary(B::div), {reduce(R::sum, squares, keepdim), count}), mean};
}

void var(ExportedStep& step) { step.give(spread(step).variance); }

void std_deviation(ExportedStep& step) { step.give(Unary(U::sqrt), {spread(step).variance}); }

void var_mean(ExportedStep& step) {
  const Spread both = spread(step);
  step.give(both.variance, 0);
  step.give(both.mean, 1);
}

void std_mean(ExportedStep& step) {
  const Spread both = spread(step);
  step.give(step.layers().add(Unary(U::sqrt), {both.variance}), 0);
  step.give(both.mean, 1);
}

// a b / (max(|a|, eps) max(|b|, eps)) along a dimension
void cosine_similarity(ExportedStep& step) {
  const ExportedLayers before = step.before();
  const std::int64_t dim = step.integer("dim", 1);
  const double eps = step.number("eps", 1e-8);
  const auto sum = [&](const Operand& a, const Operand& b) {
    const Operand products = before.add(mul_of(DType::float32), {a, b});
    return before.add(Reduce({.op = R::sum, .dims = {dim}}), {products});
  };
  const auto size = [&](const Operand& a) {
    return before.add(Binary(B::maximum),
                      {before.add(Unary(U::sqrt), {sum(a, a)}), number_of(eps)});
  };
  const Operand a = step.tensor("x1"), b = step.tensor("x2");
  if (step.rank("x1") != step.rank("x2")) fail("its tensors have different numbers of dimensions");
  const Operand sizes = before.add(mul_of(DType::float32), {size(a), size(b)});
  step.give(Binary(B::div), {sum(a, b), sizes});
}

// (Σ |x|^p)^(1/p), its limits for infinite p, and for 0 how many are not 0.
void norm_of(ExportedStep& step, double order) {
  const ExportedLayers before = step.before();
  const Operand x = before.cast(step.tensor("self"), DType::float32);
  if (order == 2) {
    const Operand squares = before.add(mul_of(DType::float32), {x, x});
    return step.give(Unary(U::sqrt), {before.add(along(step, R::sum), {squares})});
  }
  const Operand size = before.add(Unary(U::abs), {x});
  if (order == 1) return step.give(along(step, R::sum), {size});
  if (std::isinf(order)) return step.give(along(step, order > 0 ? R::amax : R::amin), {size});
  if (order == 0) {
    const Operand not_zero = before.add(Binary(B::ne), {x, number_of(0)});
    return step.give(along(step, R::sum), {before.cast(not_zero, DType::float32)});
  }
  const Operand powers = before.add(Binary(B::pow), {size, number_of(order)});
  const Operand sum = before.add(along(step, R::sum), {powers});
  step.give(Binary(B::pow), {sum, number_of(1 / order)});
}

void vector_norm(ExportedStep& step) { norm_of(step, step.number("ord", 2)); }
void norm(ExportedStep& step) { norm_of(step, step.number("p", 2)); }

// max + log Σ e^(x - max); a maximum that is infinite is not subtracted.
void logsumexp(ExportedStep& step) {
  const ExportedLayers before = step.before();
  const Operand x = before.cast(step.tensor("self"), DType::float32);
  const auto dims = dims_of(step);
  const bool keepdim = step.boolean("keepdim", false);
  const auto largest = [&](bool keep) {
    const Operand most = before.add(Reduce({.op = R::amax, .dims = dims, .keepdim = keep}), {x});
    const Operand infinite = before.add(
        Binary(B::eq),
        {before.add(Unary(U::abs), {most}), number_of(std::numeric_limits<double>::infinity())});
    return before.add(Where{}, {infinite, number_of(0), most});
  };
  const Operand powers =
      before.add(Unary(U::exp), {before.add(Binary(B::sub), {x, largest(true)})});
  const Operand sum =
      before.add(Reduce({.op = R::sum, .dims = dims, .keepdim = keepdim}), {powers});
  step.give(add_of(DType::float32), {before.add(Unary(U::log), {sum}), largest(keepdim)});
}

void cumsum(ExportedStep& step) {
  DType computed = step.dtype("self");
  if (!is_floating_point(computed)) computed = DType::int64;
  if (const auto dtype = step.scalar_type("dtype")) computed = *dtype;
  const Operand x = step.before().cast(step.tensor("self"), computed_as(computed));
  give_computed(step, step.layers().add(CumSum({.dim = step.integer("dim")}), {x}), computed);
}

constexpr std::array rows{
    ExportedOperator{"softmax.int", softmax<Softmax>},
    ExportedOperator{"_softmax.default", softmax<Softmax>},
    ExportedOperator{"_safe_softmax.default", safe_softmax},
    ExportedOperator{"log_softmax.int", softmax<LogSoftmax>},
    ExportedOperator{"_log_softmax.default", softmax<LogSoftmax>},
    ExportedOperator{"mean.default", reduce<R::mean>},
    ExportedOperator{"mean.dim", reduce<R::mean>},
    ExportedOperator{"sum.default", reduce<R::sum>},
    ExportedOperator{"sum.dim_IntList", reduce<R::sum>},
    ExportedOperator{"prod.default", reduce<R::prod>},
    ExportedOperator{"prod.dim_int", reduce<R::prod>},
    ExportedOperator{"amax.default", extreme<R::amax>},
    ExportedOperator{"amin.default", extreme<R::amin>},
    ExportedOperator{"max.default", extreme<R::amax>},
    ExportedOperator{"max.dim", extreme<R::amax>},
    ExportedOperator{"min.default", extreme<R::amin>},
    ExportedOperator{"min.dim", extreme<R::amin>},
    ExportedOperator{"argmax.default", arg<ArgMax::Op::argmax>},
    ExportedOperator{"argmin.default", arg<ArgMax::Op::argmin>},
    ExportedOperator{"any.default", quantify<R::amax>},
    ExportedOperator{"any.dim", quantify<R::amax>},
    ExportedOperator{"any.dims", quantify<R::amax>},
    ExportedOperator{"all.default", quantify<R::amin>},
    ExportedOperator{"all.dim", quantify<R::amin>},
    ExportedOperator{"all.dims", quantify<R::amin>},
    ExportedOperator{"var.default", var},
    ExportedOperator{"var.dim", var},
    ExportedOperator{"var.correction", var},
    ExportedOperator{"std.default", std_deviation},
    ExportedOperator{"std.dim", std_deviation},
    ExportedOperator{"std.correction", std_deviation},
    ExportedOperator{"var_mean.default", var_mean},
    ExportedOperator{"var_mean.dim", var_mean},
    ExportedOperator{"var_mean.correction", var_mean},
    ExportedOperator{"std_mean.correction", std_mean},
    ExportedOperator{"cosine_similarity.default", cosine_similarity},
    ExportedOperator{"linalg_vector_norm.default", vector_norm},
    ExportedOperator{"norm.Scalar", norm},
    ExportedOperator{"norm.ScalarOpt_dim", norm},
    ExportedOperator{"logsumexp.default", logsumexp},
    ExportedOperator{"cumsum.default", cumsum},
};

}  // namespace

std::span<const ExportedOperator> exported_reduction_operators() { return rows; }

}  // namespace nn
