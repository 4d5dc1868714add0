#pragma once

#include <memory>

#include <nn/layers/conv2d.h>

namespace nn {

// A Conv2d of images whose channels are neighbours, as torch.channels_last stores them; here the
// shape says so. It serves the two convolutions that gain by it: 1 × 1 ones and depthwise ones.
//   [N, H, W, in_channels] -> [N, H', W', out_channels]
// Made by the pass `channels_last` out of a Conv2d, whose arguments, parameters and activation it
// keeps.
class ChannelsLastConv2d {
 public:
  // 1 × 1, stride 1, without padding and groups, or one kernel for each channel, of zero padding and
  // finite weights; without a fused pool.
  static bool serves(const Conv2d& conv);
  // REQUIRES: serves(conv).
  explicit ChannelsLastConv2d(Conv2d conv) : conv_(std::move(conv)) {}

  std::string_view kind() const { return "Conv2d"; }
  // Throws Error as Conv2d does.
  Shape output_shape(const Shape& in) const;
  void forward(ConstTensorView x, TensorView y, Context& context) const;
  void pack(const Shape& in);
  bool rows_independent(const Shape&) const { return true; }
  std::int64_t multiply_adds(const Shape& in) const;
  // "products of pixels, channels last", "depthwise, channels last"
  std::string kernel() const;
  std::vector<NamedParameter> parameters() { return conv_.parameters(); }
  // "32, 64, kernel_size=(1, 1), stride=(1, 1), memory_format=channels_last"
  std::string extra_repr() const;

 private:
  bool pointwise() const { return conv_.options().groups == 1; }
  // The weight as the kernel reads it.
  Tensor packed() const;
  void run_pointwise(ConstTensorView x, TensorView y, const float* weight, Context& context) const;
  void run_depthwise(ConstTensorView x, TensorView y, const float* weight, Context& context) const;

  Conv2d conv_;
  std::shared_ptr<const Tensor> packed_;
};

}  // namespace nn
