#pragma once

#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// The sizes of a tensor as int64 (Shape of ONNX, torch.Tensor.size), for graphs that compute shapes
// from them: resolve_sizes takes such nodes away.   any shape and element type -> int64 [rank]
//
//   nn::apply(SizesOf{}, {x})
class SizesOf {
 public:
  std::string_view kind() const { return "SizesOf"; }
  // Throws Error unless there is one input.
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
};

}  // namespace nn
