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

// Into how many parts so many pieces of so many operations each are worth cutting: one for each
// thread, so that mostly the same one reads what it wrote in the layer before.
std::int64_t parts_of(std::int64_t pieces, double operations, int threads) {
  constexpr double least = 3e5;
  const double worth = operations * static_cast<double>(pieces) / least;
  return std::max<std::int64_t>(
      static_cast<std::int64_t>(std::min({worth, double(threads), static_cast<double>(pieces)})),
      1);
}

// What no clamp can do, while the values are in the cache.
void finish(const kernels::Activation& activation, float* y, std::int64_t count) {
  const std::span<float> values(y, static_cast<std::size_t>(count));
  if (!kernels::clamp_of(activation)) kernels::activate(activation, values, values);
}

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
  const std::int64_t pixels = x.shape().numel(0, 3);
  const kernels::PixelProduct product{
      o.in_channels, o.out_channels, weight, o.bias ? conv_.bias.f32().data() : nullptr,
      kernels::clamp_of(conv_.activation).value_or(kernels::Clamp{})};
  const std::int64_t step = kernels::pixel_product_step();
  const std::int64_t steps = (pixels + step - 1) / step;
  const double operations =
      static_cast<double>(step * o.out_channels) * static_cast<double>(o.in_channels + 4);
  const std::int64_t parts = parts_of(steps, operations, context.threads());
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
      if (kernels::clamp_of(conv_.activation)) continue;
      const kernels::Range channels = kernels::pixel_product_channels(o.out_channels, channel_part);
      for (std::int64_t pixel = 0; pixel < count; ++pixel) {
        finish(conv_.activation, to + pixel * o.out_channels + channels.first,
               channels.last - channels.first);
      }
    }
  });
}

void ChannelsLastConv2d::run_depthwise(ConstTensorView x, TensorView y, const float* weight,
                                       Context& context) const {
  const std::int64_t channels = conv_.options().groups;
  const kernels::DepthwisePixels depthwise{
      conv_.windows_of(channels_first(x.shape())), channels, weight,
      conv_.options().bias ? conv_.bias.f32().data() : nullptr,
      kernels::clamp_of(conv_.activation).value_or(kernels::Clamp{})};
  const kernels::Windows& w = depthwise.windows;
  const std::int64_t rows = x.shape()[0] * w.out_h;
  const double operations =
      static_cast<double>(w.out_w * channels) * static_cast<double>(w.kernel_h * w.kernel_w + 8);
  const std::int64_t parts = parts_of(rows, operations, context.threads());
  context.share(parts, [&](std::int64_t i, Context&) {
    const kernels::Part part{i, parts};
    for (std::int64_t row = part.begin(rows); row < part.end(rows);) {
      const std::int64_t image = row / w.out_h, first = row % w.out_h;
      const std::int64_t count = std::min(w.out_h - first, part.end(rows) - row);
      float* const to = y.f32().data() + image * w.out_h * w.out_w * channels;
      kernels::depthwise_pixels(depthwise, first, first + count,
                                x.f32().data() + image * w.height * w.width * channels, to);
      finish(conv_.activation, to + first * w.out_w * channels, count * w.out_w * channels);
      row += count;
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
