#pragma once

#include <string>
#include <string_view>

#include <nn/layer.h>
#include <nn/layers/pool_size.h>

namespace nn {

// y[…, oh, ow] = the largest x[…, oh·stride − padding + i·dilation, …] of the window
// (torch.nn.MaxPool2d).
//
//   [N, C, H, W] -> [N, C, H', W'],  or the same without N; H' and W' as in pool_size.h
//
// The padding is -inf, NaN is larger than everything, the first of equal values is kept. With
// return_indices there is a second output, int64 of the same shape: the place ih·W + iw of each
// value in its plane.
//
//   nn::apply(MaxPool2d({.kernel_size = 2}), x)   // [1, 20, 24, 24] -> [1, 20, 12, 12]
class MaxPool2d {
 public:
  struct Options {
    IntPair kernel_size;
    IntPair stride = kernel_size;
    IntPair padding = 0;  // on every side, at most half the kernel
    IntPair dilation = 1;
    bool return_indices = false;
    bool ceil_mode = false;  // round the output's size up
  };

  // Throws Error for arguments that PyTorch refuses, "MaxPool2d: stride should not be zero".
  explicit MaxPool2d(const Options& options);

  std::string_view kind() const { return "MaxPool2d"; }
  std::size_t output_count() const { return options_.return_indices ? 2 : 1; }
  // Throws Error: "Given input size: (1x3x3). Calculated output size: (1x0x0). Output size is too
  // small", or when the input has not rank 3 or 4, or no channel, row or column.
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
               Context& context) const;
  bool rows_independent(std::span<const TensorSpec> in) const { return in[0].shape.rank() == 4; }
  // "kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False"
  std::string extra_repr() const;

  const Options& options() const { return options_; }
  // The sizes for an input of that shape.
  kernels::PoolPlane plane(const Shape& in) const { return pool_plane(window(), in); }

 private:
  PoolWindow window() const {
    return {options_.kernel_size, options_.stride, options_.padding, options_.dilation,
            options_.ceil_mode};
  }

  Options options_;
};

}  // namespace nn
