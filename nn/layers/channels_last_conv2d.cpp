#include <cfloat>

#include <nn/kernels/clamp.h>
#include <nn/kernels/depthwise_pixels.h>
#include <nn/kernels/magnitude.h>
#include <nn/kernels/part.h>
#include <nn/kernels/pixel_product.h>
#include <nn/layers/channels_last_conv2d.h>

namespace nn {
namespace {

// [N, H, W, C] as [N, C, H, W], and back.
Shape channels_first(const Shape& in) {
  if (in.rank() != 4) fail("expected images [N, H, W, C], but got input of size: ", in);
  return {in[0], in[3], in[1], in[2]};
}
Shape channels_last(const Shape& in) { return {in[0], in[2], in[3], in[1]}; }

}  // namespace

bool ChannelsLastConv2d::serves(const Conv2d& conv) {
  const Conv2d::Options& o = conv.options();
  if (conv.max_pool || o.padding_mode != "zeros") return false;
  const bool one_pixel =
      o.kernel_size == IntPair(1) && o.stride == IntPair(1) &&
      (o.padding.mode() != Padding::Mode::numbers || o.padding.numbers() == IntPair(0));
  if (o.groups == 1) return one_pixel;
  return o.groups == o.in_channels && o.groups == o.out_channels &&
         kernels::within(conv.weight.f32(), FLT_MAX);
}

Shape ChannelsLastConv2d::output_shape(const Shape& in) const {
  return channels_last(conv_.output_shape(channels_first(in)));
}

Tensor ChannelsLastConv2d::packed() const {
  const Conv2d::Options& o = conv_.options();
  const float* const weight = conv_.weight.f32().data();
  if (pointwise()) {
    Tensor result({kernels::pixel_product_packed_size(o.in_channels, o.out_channels)});
    kernels::pixel_product_pack(o.in_channels, o.out_channels, weight, result.f32().data());
    return result;
  }
  const std::int64_t taps = o.kernel_size.h * o.kernel_size.w;
  Tensor result({taps, o.groups});
  float* to = result.f32().data();
  for (std::int64_t tap = 0; tap < taps; ++tap) {
    for (std::int64_t c = 0; c < o.groups; ++c) *to++ = weight[c * taps + tap];
  }
  return result;
}

void ChannelsLastConv2d::pack(const Shape&) { packed_ = std::make_shared<const Tensor>(packed()); }

void ChannelsLastConv2d::forward(ConstTensorView x, TensorView y, Context& context) const {
  if (y.shape().numel() == 0) return;
  const Tensor own = packed_ ? Tensor() : packed();
  const float* const weight = (packed_ ? *packed_ : own).f32().data();
  if (pointwise()) {
    run_pointwise(x, y, weight, context);
  } else {
    run_depthwise(x, y, weight, context);
  }
}

void ChannelsLastConv2d::run_pointwise(ConstTensorView x, TensorView y, const float* weight,
                                       Context& context) const {
  const Conv2d::Options& o = conv_.options();
  const auto clamp = kernels::clamp_of(conv_.activation);
  const std::int64_t pixels = x.shape().numel(0, 3);
  const kernels::PixelProduct product{o.in_channels, o.out_channels, weight,
                                      o.bias ? conv_.bias.f32().data() : nullptr,
                                      clamp.value_or(kernels::Clamp{})};
  const std::int64_t step = kernels::pixel_product_step();
  const std::int64_t steps = (pixels + step - 1) / step;
  const double operations =
      static_cast<double>(pixels * o.out_channels) * static_cast<double>(o.in_channels + 4);
  const std::int64_t parts = std::min(kernels::even_parts(operations, context.threads()), steps);
  // Threads share the pixels, or the channels where the weights are more to read.
  const bool by_channels = o.out_channels > pixels;
  context.share(parts, [&](std::int64_t i, Context&) {
    const kernels::Part part{i, parts};
    const kernels::Part pixel_part = by_channels ? kernels::Part{} : part;
    const kernels::Part channel_part = by_channels ? part : kernels::Part{};
    const std::int64_t last = std::min(pixel_part.end(steps) * step, pixels);
    constexpr std::int64_t steps_at_once = 6;  // of which the values stay in the second cache
    for (std::int64_t at = pixel_part.begin(steps) * step; at < last; at += steps_at_once * step) {
      const std::int64_t count = std::min(steps_at_once * step, last - at);
      float* const to = y.f32().data() + at * o.out_channels;
      kernels::pixel_product(product, count, x.f32().data() + at * o.in_channels, channel_part, to);
      if (clamp) continue;  // else the activation, while the values are in the cache
      const kernels::Range channels = kernels::pixel_product_channels(o.out_channels, channel_part);
      for (std::int64_t pixel = 0; pixel < count; ++pixel) {
        const std::span<float> values(to + pixel * o.out_channels + channels.first,
                                      static_cast<std::size_t>(channels.last - channels.first));
        kernels::activate(conv_.activation, values, values);
      }
    }
  });
}

void ChannelsLastConv2d::run_depthwise(ConstTensorView x, TensorView y, const float* weight,
                                       Context& context) const {
  const std::int64_t channels = conv_.options().groups;
  const auto clamp = kernels::clamp_of(conv_.activation);
  const kernels::DepthwisePixels depthwise{
      conv_.windows_of(channels_first(x.shape())), channels, weight,
      conv_.options().bias ? conv_.bias.f32().data() : nullptr, clamp.value_or(kernels::Clamp{})};
  const kernels::Windows& w = depthwise.windows;
  const std::int64_t rows = x.shape()[0] * w.out_h;
  const double operations =
      static_cast<double>(y.shape().numel()) * static_cast<double>(w.kernel_h * w.kernel_w + 8);
  const std::int64_t parts = std::min(kernels::even_parts(operations, context.threads()), rows);
  context.share(parts, [&](std::int64_t i, Context&) {
    const kernels::Part part{i, parts};
    for (std::int64_t row = part.begin(rows); row < part.end(rows);) {
      const std::int64_t image = row / w.out_h, first = row % w.out_h;
      const std::int64_t count = std::min(w.out_h - first, part.end(rows) - row);
      float* const to = y.f32().data() + image * w.out_h * w.out_w * channels;
      kernels::depthwise_pixels(depthwise, first, first + count,
                                x.f32().data() + image * w.height * w.width * channels, to);
      row += count;
      if (clamp) continue;  // else the activation, while the values are in the cache
      const std::span<float> values(to + first * w.out_w * channels,
                                    static_cast<std::size_t>(count * w.out_w * channels));
      kernels::activate(conv_.activation, values, values);
    }
  });
}

std::int64_t ChannelsLastConv2d::multiply_adds(const Shape& in) const {
  return conv_.multiply_adds(channels_first(in));
}

std::string ChannelsLastConv2d::kernel() const {
  return pointwise() ? "products of pixels, channels last" : "depthwise, channels last";
}

std::string ChannelsLastConv2d::extra_repr() const {
  return conv_.extra_repr() + ", memory_format=channels_last";
}

}  // namespace nn
