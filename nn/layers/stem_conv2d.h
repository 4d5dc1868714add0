#pragma once

#include <memory>

#include <nn/layers/conv2d.h>

namespace nn {

namespace kernels {
class StemConv;
}

// A Conv2d that writes images whose channels are neighbours, for a ChannelsLastConv2d to read.
//   [N, in_channels, H, W] -> [N, H', W', out_channels]
// Made by the pass `channels_last` out of a Conv2d, whose arguments, parameters and activation it
// keeps.
class StemConv2d {
 public:
  // Of one group, zero padding and few input channels, without a fused pool.
  static bool serves(const Conv2d& conv, const Shape& in);
  // REQUIRES: serves(conv, …) for all inputs.
  explicit StemConv2d(Conv2d conv) : conv_(std::move(conv)) {}

  std::string_view kind() const { return "Conv2d"; }
  // Throws Error as Conv2d does.
  Shape output_shape(const Shape& in) const;
  void forward(ConstTensorView x, TensorView y, Context& context) const;
  void pack(const Shape& in);
  std::size_t scratch_bytes(const Shape& in) const;
  bool rows_independent(const Shape&) const { return true; }
  std::int64_t multiply_adds(const Shape& in) const { return conv_.multiply_adds(in); }
  std::string kernel() const { return "products of windows, to channels last"; }
  std::vector<NamedParameter> parameters() { return conv_.parameters(); }
  // "3, 32, kernel_size=(3, 3), stride=(2, 2), to=channels_last"
  std::string extra_repr() const { return conv_.extra_repr() + ", to=channels_last"; }

 private:
  kernels::StemConv made(const Shape& in) const;

  Conv2d conv_;
  std::shared_ptr<const kernels::StemConv> packed_;
};

}  // namespace nn
