#include <array>
#include <cmath>

#include <nn/layers/strides.h>
#include <nn/layers/unary.h>

namespace nn {
namespace {

using Op = Unary::Op;

template <class X, class Y, class F>
void each(ConstTensorView x, TensorView y, F f) {
  const auto from = x.as<X>();
  const auto to = y.as<Y>();
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = f(from[i]);
}

// f of doubles, rounded once.
template <class F>
void each_float(ConstTensorView x, TensorView y, F f) {
  each<float, float>(
      x, y, [f](float value) { return static_cast<float>(f(static_cast<double>(value))); });
}

void floats(Op op, ConstTensorView x, TensorView y) {
  switch (op) {
    case Op::neg:
      return each<float, float>(x, y, [](float v) { return -v; });
    case Op::abs:
      return each<float, float>(x, y, [](float v) { return std::fabs(v); });
    case Op::sign:  // of NaN 0, as PyTorch's
      return each<float, float>(x, y, [](float v) { return v > 0 ? 1.0F : v < 0 ? -1.0F : 0.0F; });
    case Op::sqrt:
      return each<float, float>(x, y, [](float v) { return std::sqrt(v); });
    case Op::rsqrt:
      return each_float(x, y, [](double v) { return 1 / std::sqrt(v); });
    case Op::reciprocal:
      return each<float, float>(x, y, [](float v) { return 1 / v; });
    case Op::exp:
      return each_float(x, y, [](double v) { return std::exp(v); });
    case Op::log:
      return each_float(x, y, [](double v) { return std::log(v); });
    case Op::log1p:
      return each_float(x, y, [](double v) { return std::log1p(v); });
    case Op::erf:
      return each_float(x, y, [](double v) { return std::erf(v); });
    case Op::sin:
      return each_float(x, y, [](double v) { return std::sin(v); });
    case Op::cos:
      return each_float(x, y, [](double v) { return std::cos(v); });
    case Op::floor:
      return each<float, float>(x, y, [](float v) { return std::floor(v); });
    case Op::ceil:
      return each<float, float>(x, y, [](float v) { return std::ceil(v); });
    case Op::round:
      return each<float, float>(x, y, [](float v) { return std::nearbyint(v); });
    case Op::logical_not:
      return each<float, bool>(x, y, [](float v) { return v == 0; });
    case Op::isnan:
      return each<float, bool>(x, y, [](float v) { return std::isnan(v); });
    case Op::tan:
      return each_float(x, y, [](double v) { return std::tan(v); });
    case Op::asin:
      return each_float(x, y, [](double v) { return std::asin(v); });
    case Op::acos:
      return each_float(x, y, [](double v) { return std::acos(v); });
    case Op::atan:
      return each_float(x, y, [](double v) { return std::atan(v); });
    case Op::sinh:
      return each_float(x, y, [](double v) { return std::sinh(v); });
    case Op::cosh:
      return each_float(x, y, [](double v) { return std::cosh(v); });
    case Op::asinh:
      return each_float(x, y, [](double v) { return std::asinh(v); });
    case Op::acosh:
      return each_float(x, y, [](double v) { return std::acosh(v); });
    case Op::atanh:
      return each_float(x, y, [](double v) { return std::atanh(v); });
    case Op::isinf:
      return each<float, bool>(x, y, [](float v) { return std::isinf(v); });
    case Op::expm1:
      return each_float(x, y, [](double v) { return std::expm1(v); });
    case Op::exp2:
      return each_float(x, y, [](double v) { return std::exp2(v); });
    case Op::log2:
      return each_float(x, y, [](double v) { return std::log2(v); });
    case Op::log10:
      return each_float(x, y, [](double v) { return std::log10(v); });
    case Op::erfc:
      return each_float(x, y, [](double v) { return std::erfc(v); });
  }
}

void integers(Op op, ConstTensorView x, TensorView y) {
  using I = std::int64_t;
  const auto negated = [](I v) { return static_cast<I>(0 - static_cast<std::uint64_t>(v)); };
  if (op == Op::neg) return each<I, I>(x, y, negated);
  if (op == Op::abs) return each<I, I>(x, y, [&](I v) { return v < 0 ? negated(v) : v; });
  if (op == Op::sign) return each<I, I>(x, y, [](I v) { return I{v > 0} - I{v < 0}; });
  each<I, bool>(x, y, [](I v) { return v == 0; });
}

}  // namespace

std::string_view Unary::kind() const {
  constexpr std::array<std::string_view, 32> names{
      "neg",   "abs",   "sign",  "sqrt",  "rsqrt", "reciprocal", "exp",   "log",
      "log1p", "erf",   "sin",   "cos",   "floor", "ceil",       "round", "logical_not",
      "isnan", "tan",   "asin",  "acos",  "atan",  "sinh",       "cosh",  "asinh",
      "acosh", "atanh", "isinf", "expm1", "exp2",  "log2",       "log10", "erfc"};
  return names[static_cast<std::size_t>(op_)];
}

std::vector<TensorSpec> Unary::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = one_input(in);
  const bool of_integers = op_ <= Op::sign || op_ == Op::logical_not;
  const bool taken = x.dtype == DType::float32 || (of_integers && x.dtype == DType::int64) ||
                     (op_ == Op::logical_not && x.dtype == DType::boolean);
  if (!taken) fail("expected an input of float32, got ", x.dtype);
  return {{x.shape, to_truth() ? DType::boolean : x.dtype}};
}

void Unary::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                    Context&) const {
  if (x[0].dtype() == DType::float32) return floats(op_, x[0], y[0]);
  if (x[0].dtype() == DType::int64) return integers(op_, x[0], y[0]);
  each<bool, bool>(x[0], y[0], [](bool v) { return !v; });
}

}  // namespace nn
