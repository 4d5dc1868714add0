#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// A tensor that is the same in every run, as imported graphs have them beside layers' own weights. No
// inputs; a session reads the tensor where it is.
//   () -> its shape and element type
//
//   graph.add("scale", Constant(nn::tensor({0.5F})), {});
class Constant {
 public:
  explicit Constant(Tensor value) : Constant(std::make_shared<const Tensor>(std::move(value))) {}
  // Shared, not copied. REQUIRES: not null.
  explicit Constant(std::shared_ptr<const Tensor> value) : value_(std::move(value)) {}

  std::string_view kind() const { return "Constant"; }
  // Throws Error when there are inputs.
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  std::shared_ptr<const Tensor> constant() const { return value_; }
  // "float32 [2, 3]"
  std::string extra_repr() const { return to_text(value_->spec()); }

 private:
  std::shared_ptr<const Tensor> value_;
};

}  // namespace nn
