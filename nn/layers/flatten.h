#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nn/layer.h>

namespace nn {

// Makes one dimension of those from start_dim to end_dim (torch.nn.Flatten); a scalar becomes [1].
//   [N, C, H, W] -> [N, C·H·W]
//
//   nn::apply(Flatten{}, x)   // [1, 50, 4, 4] -> [1, 800]
class Flatten {
 public:
  struct Options {
    std::int64_t start_dim = 1;
    std::int64_t end_dim = -1;
  };

  Flatten() : Flatten(Options{}) {}
  explicit Flatten(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Flatten"; }
  // Throws Error: "flatten() has invalid args: start_dim cannot come after end_dim", or for a
  // dimension out of range.
  Shape output_shape(const Shape& in) const;
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const;
  bool in_place() const { return true; }
  bool keeps_bytes() const { return true; }
  // "start_dim=1, end_dim=-1"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
