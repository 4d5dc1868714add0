#pragma once

#include <string>
#include <string_view>

#include <nn/layer.h>
#include <nn/layers/adaptive_size.h>

namespace nn {

// y[…, oh, ow] = the mean of rows [⌊oh·H/H'⌋, ⌈(oh+1)·H/H'⌉) and columns alike
// (torch.nn.AdaptiveAvgPool2d).
//
//   [N, C, H, W] -> [N, C, H', W'],  or the same without N;  {H', W'} = output_size
//
// A side that is std::nullopt (PyTorch's None) keeps the input's size. Sums are in double; the mean
// of an empty plane is NaN.
//
//   nn::apply(AdaptiveAvgPool2d({.output_size = 1}), x)   // [1, 512, 7, 7] -> [1, 512, 1, 1]
class AdaptiveAvgPool2d {
 public:
  using OutputSize = AdaptiveSize;
  struct Options {
    OutputSize output_size;
  };

  // Throws Error: "… elements of output_size must be greater than or equal to 0 but received {-1,
  // -1}".
  explicit AdaptiveAvgPool2d(const Options& options);

  std::string_view kind() const { return "AdaptiveAvgPool2d"; }
  // Throws Error when the input has not rank 3 or 4, or an empty plane and an output other than 1.
  Shape output_shape(const Shape& in) const;
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const { return in.rank() == 4; }
  // "output_size=(1, 1)"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
