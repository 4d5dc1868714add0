#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// The other operations of two inputs that graphs hold beside Add and Mul, element by element, shapes
// repeated as there. Both inputs have one element type: float32 or int64, of which shapes are
// computed; bool for those between truths and for equality.
//   [2, 1, 4], [3, 1] -> [2, 3, 4]; comparisons and truths give bool
//
// As PyTorch computes them: minimum and maximum give NaN where an input is; int64 wraps; remainder has
// the divisor's sign; pow of float32 is rounded once.
class Binary {
 public:
  enum class Op : std::uint8_t {
    add,  // of int64: Add is for float32
    sub,
    mul,
    div,           // float32: true division; int64: towards zero
    floor_divide,  // towards minus infinity
    remainder,     // with the divisor's sign
    fmod,          // with the dividend's
    pow,
    maximum,
    minimum,
    eq,
    ne,
    lt,
    le,
    gt,
    ge,
    logical_and,
    logical_or,
    logical_xor,
  };

  explicit Binary(Op op) : op_(op) {}

  // "sub": the function's name in PyTorch.
  std::string_view kind() const;
  // Throws Error: "The size of tensor a (3) must match the size of tensor b (4) at non-singleton
  // dimension 1", "expected inputs of one element type, got float32 and int64".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  // Throws Error: "ZeroDivisionError", where an int64 is divided by 0.
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const;

  Op op() const { return op_; }
  // Does it compare, or join truths? Then it gives bool.
  bool to_truth() const { return op_ >= Op::eq; }

 private:
  Op op_;
};

}  // namespace nn
