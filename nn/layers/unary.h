#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// Functions of each element that graphs hold beside the activations: torch.neg, abs, sqrt …, of
// float32, some of int64 and bool too.   any shape -> the same shape
// Computed in double and rounded once, so within 1 unit in the last place of the exact value.
class Unary {
 public:
  enum class Op : std::uint8_t {
    neg,  // neg, abs and sign of int64 too
    abs,
    sign,
    sqrt,
    rsqrt,
    reciprocal,
    exp,
    log,
    log1p,
    erf,
    sin,
    cos,
    floor,
    ceil,
    round,        // halves to even
    logical_not,  // of bool, float32 or int64, to bool
    isnan,        // to bool
    tan,
    asin,
    acos,
    atan,
    sinh,
    cosh,
    asinh,
    acosh,
    atanh,
    isinf,  // to bool
    expm1,
    exp2,
    log2,
    log10,
    erfc,
  };

  explicit Unary(Op op) : op_(op) {}

  // "neg": the function's name in PyTorch.
  std::string_view kind() const;
  // Throws Error: "expected an input of float32, got bool".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const { return in[0].shape.rank() > 0; }

  Op op() const { return op_; }
  // Does it give bool?
  bool to_truth() const { return op_ == Op::logical_not || op_ == Op::isnan || op_ == Op::isinf; }

 private:
  Op op_;
};

}  // namespace nn
