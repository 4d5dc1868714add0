#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nn/kernels/softmax.h>
#include <nn/layer.h>

namespace nn {

// The dimension that PyTorch's softmax takes when none is given: 0 for tensors of rank 0, 1 and 3,
// else 1. (PyTorch warns about relying on it.)
std::int64_t implicit_softmax_dim(std::size_t rank);

// [outer, size, inner] of a shape around `dim`, which may be negative or absent.
// Throws Error: "Dimension out of range (expected to be in range of [-2, 1], but got 2)".
kernels::RowLayout softmax_layout(const Shape& shape, std::optional<std::int64_t> dim);

// y_i = e^x_i / Σ e^x_j along `dim` (torch.nn.Softmax).   any shape -> the same shape
// Non-negative, sums to 1; within 2 units in the last place, and large inputs do not overflow. A
// row with NaN or +inf, or of -inf alone, becomes NaN and leaves its neighbours alone.
//
//   nn::apply(Softmax({.dim = 0}), nn::tensor({1, 2, 3, 4}))
//   // tensor([0.0321, 0.0871, 0.2369, 0.6439])
class Softmax {
 public:
  struct Options {
    std::optional<std::int64_t> dim = std::nullopt;  // absent: implicit_softmax_dim
  };

  Softmax() : Softmax(Options{}) {}
  explicit Softmax(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Softmax"; }
  // Throws Error: "Dimension out of range (expected to be in range of [-2, 1], but got 2)".
  Shape output_shape(const Shape& in) const;
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const;
  bool in_place() const { return true; }
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
