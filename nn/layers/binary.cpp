#include <array>
#include <cmath>
#include <limits>

#include <nn/kernels/broadcast_inl.h>
#include <nn/layers/binary.h>
#include <nn/layers/broadcast.h>

namespace nn {
namespace {

using Op = Binary::Op;

bool joins_truths(Op op) { return op >= Op::logical_and; }

std::int64_t wrapped(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }

// Division of the least number by -1 wraps.
std::int64_t quotient(std::int64_t a, std::int64_t b) {
  if (b == 0) fail("ZeroDivisionError: an integer is divided by 0");
  return b == -1 ? wrapped(0 - bits(a)) : a / b;
}

std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
  const std::int64_t q = quotient(a, b);
  const bool inexact = b != -1 && a % b != 0;
  return inexact && (a < 0) != (b < 0) ? q - 1 : q;
}

std::int64_t power(std::int64_t base, std::int64_t exponent) {
  if (exponent < 0) fail("Integers to negative integer powers are not allowed.");
  std::uint64_t result = 1;
  for (std::uint64_t square = bits(base); exponent > 0; exponent /= 2, square *= square) {
    if (exponent % 2 != 0) result *= square;
  }
  return wrapped(result);
}

float remainder(float a, float b) {
  const float rest = std::fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

// As PyTorch: from the remainder, so that the two go together.
float floor_quotient(float a, float b) {
  if (b == 0) return a / b;
  const float rest = std::fmod(a, b);
  float q = (a - rest) / b;
  if (rest != 0 && (b < 0) != (rest < 0)) q -= 1;
  if (q == 0) return std::copysign(0.0F, a / b);
  const float whole = std::floor(q);
  return q - whole > 0.5F ? whole + 1 : whole;
}

float power(float base, float exponent) {
  if (exponent == 2) return base * base;
  return static_cast<float>(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
}

float larger(float a, float b) { return std::isnan(a) || a >= b ? a : b; }
float smaller(float a, float b) { return std::isnan(a) || a <= b ? a : b; }

template <class Run>
void with_float_op(Op op, Run run) {
  switch (op) {
    case Op::add:
      return run([](float a, float b) { return a + b; });
    case Op::sub:
      return run([](float a, float b) { return a - b; });
    case Op::mul:
      return run([](float a, float b) { return a * b; });
    case Op::div:
      return run([](float a, float b) { return a / b; });
    case Op::floor_divide:
      return run([](float a, float b) { return floor_quotient(a, b); });
    case Op::remainder:
      return run([](float a, float b) { return remainder(a, b); });
    case Op::fmod:
      return run([](float a, float b) { return std::fmod(a, b); });
    case Op::pow:
      return run([](float a, float b) { return power(a, b); });
    case Op::maximum:
      return run([](float a, float b) { return larger(a, b); });
    default:
      return run([](float a, float b) { return smaller(a, b); });
  }
}

template <class Run>
void with_integer_op(Op op, Run run) {
  using I = std::int64_t;
  switch (op) {
    case Op::add:
      return run([](I a, I b) { return wrapped(bits(a) + bits(b)); });
    case Op::sub:
      return run([](I a, I b) { return wrapped(bits(a) - bits(b)); });
    case Op::mul:
      return run([](I a, I b) { return wrapped(bits(a) * bits(b)); });
    case Op::div:
      return run([](I a, I b) { return quotient(a, b); });
    case Op::floor_divide:
      return run([](I a, I b) { return floor_quotient(a, b); });
    case Op::remainder:
      return run([](I a, I b) { return wrapped(bits(a) - bits(b) * bits(floor_quotient(a, b))); });
    case Op::fmod:
      return run([](I a, I b) { return wrapped(bits(a) - bits(b) * bits(quotient(a, b))); });
    case Op::pow:
      return run([](I a, I b) { return power(a, b); });
    case Op::maximum:
      return run([](I a, I b) { return a > b ? a : b; });
    default:
      return run([](I a, I b) { return a < b ? a : b; });
  }
}

template <class X, class Run>
void with_comparison(Op op, Run run) {
  switch (op) {
    case Op::eq:
      return run([](X a, X b) { return a == b; });
    case Op::ne:
      return run([](X a, X b) { return a != b; });
    case Op::lt:
      return run([](X a, X b) { return a < b; });
    case Op::le:
      return run([](X a, X b) { return a <= b; });
    case Op::gt:
      return run([](X a, X b) { return a > b; });
    case Op::ge:
      return run([](X a, X b) { return a >= b; });
    case Op::logical_and:
      return run([](X a, X b) { return a != X{} && b != X{}; });
    case Op::logical_or:
      return run([](X a, X b) { return a != X{} || b != X{}; });
    default:
      return run([](X a, X b) { return (a != X{}) != (b != X{}); });
  }
}

}  // namespace

std::string_view Binary::kind() const {
  constexpr std::array<std::string_view, 19> names{
      "add", "sub",     "mul",         "div",        "floor_divide", "remainder", "fmod",
      "pow", "maximum", "minimum",     "eq",         "ne",           "lt",        "le",
      "gt",  "ge",      "logical_and", "logical_or", "logical_xor"};
  return names[static_cast<std::size_t>(op_)];
}

std::vector<TensorSpec> Binary::outputs(std::span<const TensorSpec> in) const {
  if (in.size() != 2) fail("expected 2 inputs, got ", in.size());
  const DType dtype = in[0].dtype;
  if (in[1].dtype != dtype) {
    fail("expected inputs of one element type, got ", dtype, " and ", in[1].dtype);
  }
  const bool truth =
      dtype == DType::boolean && (op_ == Op::eq || op_ == Op::ne || joins_truths(op_));
  if (dtype != DType::float32 && dtype != DType::int64 && !truth) {
    fail("expected inputs of float32 or int64, got ", dtype);
  }
  return {{broadcast_shape(in[0].shape, in[1].shape), to_truth() ? DType::boolean : dtype}};
}

void Binary::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                     Context&) const {
  const kernels::BroadcastLoops loops = broadcast_loops(x[0].shape(), x[1].shape());
  const auto run = [&](auto element, auto result, auto f) {
    using X = decltype(element);
    using Y = decltype(result);
    kernels::for_each(loops, x[0].as<X>().data(), x[1].as<X>().data(), y[0].as<Y>(), f);
  };
  if (to_truth()) {
    const auto compare = [&](auto element) {
      with_comparison<decltype(element)>(op_, [&](auto f) { run(element, bool{}, f); });
    };
    if (x[0].dtype() == DType::float32) return compare(float{});
    if (x[0].dtype() == DType::int64) return compare(std::int64_t{});
    return compare(bool{});
  }
  if (x[0].dtype() == DType::float32) {
    with_float_op(op_, [&](auto f) { run(float{}, float{}, f); });
  } else {
    with_integer_op(op_, [&](auto f) { run(std::int64_t{}, std::int64_t{}, f); });
  }
}

bool Binary::rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const {
  return broadcast_rows_independent(in, batched);
}

}  // namespace nn
