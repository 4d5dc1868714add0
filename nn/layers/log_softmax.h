#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nn/layer.h>

namespace nn {

// y_i = x_i - log Σ e^x_j along `dim` (torch.nn.LogSoftmax).   any shape -> the same shape
// Never positive; within 2 units in the last place everywhere, also near 0, where PyTorch's float32
// rounds to 0. Large inputs do not overflow. A row with NaN or +inf, or of -inf alone, becomes NaN
// and leaves its neighbours alone.
//
//   nn::apply(LogSoftmax({.dim = 0}), nn::tensor({1000, 0}))   // tensor([    0., -1000.])
class LogSoftmax {
 public:
  struct Options {
    std::optional<std::int64_t> dim = std::nullopt;  // absent: implicit_softmax_dim
  };

  LogSoftmax() : LogSoftmax(Options{}) {}
  explicit LogSoftmax(const Options& options) : options_(options) {}

  std::string_view kind() const { return "LogSoftmax"; }
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
