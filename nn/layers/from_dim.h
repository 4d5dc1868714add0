#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nn/layer.h>

namespace nn {

// A layer along all values from dimension `start_dim` on, as if these dimensions were one. L is Softmax
// or LogSoftmax: what ONNX calls so before opset 13.   any shape -> the same shape
//
//   FromDim<Softmax>({.start_dim = 1})   // [N, C, H, W]: a softmax of each row's C·H·W values
template <class L>
class FromDim {
 public:
  struct Options {
    std::int64_t start_dim = 1;
  };

  explicit FromDim(const Options& options) : options_(options) {}

  std::string_view kind() const { return L{}.kind(); }
  // Throws Error when there is no such dimension.
  Shape output_shape(const Shape& in) const {
    normalize_dim(options_.start_dim, in.rank());
    return in;
  }
  void forward(ConstTensorView x, TensorView y) const {
    const Shape flat = flattened(x.shape());
    L({.dim = 1}).forward(x.reshaped(flat), y.reshaped(flat));
  }
  bool rows_independent(const Shape& in) const {
    return in.rank() > 0 && normalize_dim(options_.start_dim, in.rank()) > 0;
  }
  bool in_place() const { return true; }
  // "start_dim=1"
  std::string extra_repr() const { return concat("start_dim=", options_.start_dim); }

  const Options& options() const { return options_; }

 private:
  Shape flattened(const Shape& in) const {
    const std::size_t start = normalize_dim(options_.start_dim, in.rank());
    return {in.numel(0, start), in.numel(start, in.rank())};
  }

  Options options_;
};

}  // namespace nn
