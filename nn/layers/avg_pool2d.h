#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nn/layer.h>
#include <nn/layers/pool_size.h>

namespace nn {

// y[…, oh, ow] = the mean of the window at (oh·stride − padding, …) (torch.nn.AvgPool2d).
//
//   [N, C, H, W] -> [N, C, H', W'],  or the same without N; H' and W' as in pool_size.h
//
// Cells of the padding are 0 and count, unless count_include_pad is false; those beyond it, where
// ceil_mode lets a window reach, never count. Sums are in double.
//
//   nn::apply(AvgPool2d({.kernel_size = 2}), x)   // [1, 20, 24, 24] -> [1, 20, 12, 12]
class AvgPool2d {
 public:
  struct Options {
    IntPair kernel_size;
    IntPair stride = kernel_size;
    IntPair padding = 0;     // on every side, at most half the kernel
    bool ceil_mode = false;  // round the output's size up
    bool count_include_pad = true;
    std::optional<std::int64_t> divisor_override = std::nullopt;  // divides instead of the cells
  };

  // Throws Error for arguments that PyTorch refuses, "AvgPool2d: divisor must be not zero".
  explicit AvgPool2d(const Options& options);

  std::string_view kind() const { return "AvgPool2d"; }
  // Throws Error: "Given input size: (1x3x3). Calculated output size: (1x0x0). Output size is too
  // small", or when the input has not rank 3 or 4, or no channel, row or column.
  Shape output_shape(const Shape& in) const { return pool_shape(plane(in), in); }
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const { return in.rank() == 4; }
  // "kernel_size=2, stride=2, padding=0"
  std::string extra_repr() const;

  const Options& options() const { return options_; }
  // The sizes for an input of that shape.
  kernels::PoolPlane plane(const Shape& in) const { return pool_plane(window(), in); }

 private:
  PoolWindow window() const {
    return {options_.kernel_size, options_.stride, options_.padding, 1, options_.ceil_mode};
  }

  Options options_;
};

}  // namespace nn
