#pragma once

#include <memory>

#include <nn/kernels/activation.h>
#include <nn/kernels/im2col.h>
#include <nn/kernels/pad.h>
#include <nn/layer.h>
#include <nn/layers/int_pair.h>

namespace nn {
namespace kernels {
class FastConv;
struct Epilogue;
}  // namespace kernels

// A 2-d convolution (cross-correlation, as torch.nn.Conv2d).
//
//   y[n, o, oh, ow] = bias[o] + Σ weight[o, c, i, j] · x[n, g·C/groups + c, oh·stride − padding +
//   i·dilation, …]
//
//   [N, in_channels, H, W] -> [N, out_channels, H', W'],  or the same without N
//   H' = (H + 2·padding − dilation·(kernel_size − 1) − 1) / stride + 1,  W' alike
//
// Parameters: weight [out_channels, in_channels / groups, kernel_h, kernel_w], bias [out_channels].
// The padding is zeros, or by padding_mode the image mirrored ("reflect"), its edge ("replicate") or its
// other side ("circular"); with "same" the output has the input's size and an odd cell of padding goes
// to the bottom and to the right. N = 0 gives an empty output.
//
// An image's bits do not depend on its batch. 0 · NaN is NaN, infinities and NaN reach what their
// windows reach. A session computes 3 × 3 and 5 × 5 kernels of stride 1 by Winograd's filtering
// where that is faster; its results are as close to the exact ones as 40 ε · max|x| · Σ|weight of
// the channel|, plain sums as 4 ε · Σ|x · weight|.
//
//   nn::Conv2d conv({.in_channels = 1, .out_channels = 32, .kernel_size = 3, .padding = 1});
//   conv.weight = …;
//   conv.bias = …;
//   nn::Tensor y = nn::apply(conv, x);
class Conv2d {
 public:
  struct Options {
    std::int64_t in_channels;
    std::int64_t out_channels;
    IntPair kernel_size;
    IntPair stride = 1;
    Padding padding = 0;  // a number, {h, w}, "same" or "valid"
    IntPair dilation = 1;
    std::int64_t groups = 1;
    bool bias = true;
    std::string padding_mode = "zeros";
  };

  // Throws Error where torch.nn.Conv2d does, and when in_channels, out_channels or kernel_size is
  // missing (0). What PyTorch refuses at the first run (a stride of 0, a kernel larger than its
  // input) is refused by `output_shape`.
  explicit Conv2d(const Options& options);

  std::string_view kind() const { return "Conv2d"; }
  Shape output_shape(const Shape& in) const;
  void forward(ConstTensorView x, TensorView y, Context& context) const;
  void pack(const Shape& in, const PackOptions& options);
  std::size_t scratch_bytes(const Shape& in) const;
  bool rows_independent(const Shape& in) const { return in.rank() == 4; }
  // Those of the convolution itself, also of pixels that a fused pool drops.
  std::int64_t multiply_adds(const Shape& in) const;
  // "Winograd, tiles of 4 x 4", "products of windows", "windows as columns", …
  std::string kernel() const;
  std::vector<NamedParameter> parameters();
  // "1, 20, kernel_size=(5, 5), stride=(1, 1)"
  std::string extra_repr() const;

  const Options& options() const { return options_; }
  // Throws Error when `in` is not an input of this layer. Of an image that is padded by other than
  // zeros, the windows are those of the padded one.
  kernels::Windows windows_of(const Shape& in) const;

  Parameter weight;
  Parameter bias;
  kernels::Activation activation;  // set by the pass that fuses an activation
  bool max_pool = false;           // set by the pass that fuses MaxPool2d(2): halves the output

 private:
  // How the layer computes an image plainly.
  enum class Method : std::uint8_t {
    depthwise,  // one input channel per group: tap by tap
    pointwise,  // 1×1, stride 1, no padding: the image is the matrix already
    columns,    // the windows of a block of output pixels as a matrix, then a product
  };

  // Rows and columns around an image of the input.
  struct Around {
    kernels::PadDim h, w;
  };

  Around around(const Shape& in) const;
  // Throws Error where an image is too small for its padding.
  void require_padding(const Shape& in) const;
  // The images as the windows see them: x, or its padded copy at the end of the scratch.
  std::span<const float> images_of(ConstTensorView x, Context& context) const;
  Method method_of(const kernels::Windows& windows) const;
  // Floats of scratch that the columns of an image take.
  std::int64_t column_scratch(const kernels::Windows& windows) const;
  // The sums of one group of one image.
  void sum_group(const kernels::Windows& windows, const float* x, const float* group_weight,
                 float* sums, float* scratch) const;
  // One image, plainly.
  void forward_image(const kernels::Windows& windows, const float* x,
                     const kernels::Epilogue& epilogue, float* y, float* scratch) const;

  Options options_;
  kernels::PadMode padding_mode_;
  // What `pack` found faster than the plain way, if any.
  std::shared_ptr<const kernels::FastConv> fast_;
};

}  // namespace nn
