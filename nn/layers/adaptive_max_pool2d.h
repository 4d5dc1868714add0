#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>
#include <nn/layers/adaptive_size.h>

namespace nn {

// y[…, oh, ow] = the largest of rows [⌊oh·H/H'⌋, ⌈(oh+1)·H/H'⌉) and columns alike
// (torch.nn.AdaptiveMaxPool2d).
//
//   [N, C, H, W] -> [N, C, H', W'],  or the same without N;  {H', W'} = output_size
//
// A side that is std::nullopt keeps the input's size. NaN is larger than everything. With
// return_indices there is a second output, int64 of the same shape: the place ih·W + iw of each
// value in its plane.
class AdaptiveMaxPool2d {
 public:
  using OutputSize = AdaptiveSize;
  struct Options {
    OutputSize output_size;
    bool return_indices = false;
  };

  // Throws Error for a size below 0.
  explicit AdaptiveMaxPool2d(const Options& options);

  std::string_view kind() const { return "AdaptiveMaxPool2d"; }
  std::size_t output_count() const { return options_.return_indices ? 2 : 1; }
  // Throws Error when the input has not rank 3 or 4, or an empty plane.
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const { return in[0].shape.rank() == 4; }
  // "output_size=(1, 1)"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
