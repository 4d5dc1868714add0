#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// The same values in another element type (torch.Tensor.to), as nn::to converts.
//   any shape and element type -> the same shape of `dtype`
class Cast {
 public:
  struct Options {
    DType dtype = DType::float32;
  };

  explicit Cast(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Cast"; }
  // Throws Error unless there is one input.
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const { return in[0].shape.rank() > 0; }
  // "int64"
  std::string extra_repr() const { return to_text(options_.dtype); }

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
