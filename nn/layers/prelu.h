#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// y = x where x > 0, else weight[c] x, with c the index in dimension 1 (torch.nn.PReLU).
//   [N, C, *] -> the same shape;  with one weight any shape
//
// Parameters: weight [num_parameters], 1 for all channels or one each. NaN stays NaN.
//
//   nn::PReLU prelu({.num_parameters = 16});
class PReLU {
 public:
  struct Options {
    std::int64_t num_parameters = 1;
  };

  PReLU() : PReLU(Options{}) {}
  // Throws Error unless num_parameters is positive.
  explicit PReLU(const Options& options);

  std::string_view kind() const { return "PReLU"; }
  // Throws Error: "Mismatch of parameter numbers and input channel size. Found parameter numbers =
  // 3 and channel size = 4."
  Shape output_shape(const Shape& in) const;
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const { return in.rank() >= 1; }
  bool in_place() const { return true; }
  std::vector<NamedParameter> parameters();
  // "num_parameters=1"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

  Parameter weight;

 private:
  Options options_;
};

}  // namespace nn
