#include <nn/kernels/stem_conv.h>
#include <nn/layers/stem_conv2d.h>

namespace nn {
namespace {

kernels::ConvShape shape_of(const Conv2d& conv, const Shape& in) {
  const Conv2d::Options& o = conv.options();
  return {conv.windows_of(in), o.in_channels, o.out_channels, o.groups};
}

}  // namespace

bool StemConv2d::serves(const Conv2d& conv, const Shape& in) {
  return !conv.max_pool && conv.options().padding_mode == "zeros" && in.rank() == 4 &&
         kernels::StemConv::serves(shape_of(conv, in));
}

kernels::StemConv StemConv2d::made(const Shape& in) const {
  return kernels::StemConv(shape_of(conv_, in), conv_.weight.f32());
}

Shape StemConv2d::output_shape(const Shape& in) const {
  const Shape y = conv_.output_shape(in);
  if (y.rank() != 4) fail("expected images [N, C, H, W], but got input of size: ", in);
  return {y[0], y[2], y[3], y[1]};
}

void StemConv2d::pack(const Shape& in) {
  packed_ = std::make_shared<const kernels::StemConv>(made(in));
}

std::size_t StemConv2d::scratch_bytes(const Shape& in) const {
  const std::int64_t floats = packed_ ? packed_->scratch() : made(in).scratch();
  return static_cast<std::size_t>(floats) * sizeof(float);
}

void StemConv2d::forward(ConstTensorView x, TensorView y, Context& context) const {
  if (y.shape().numel() == 0) return;
  const auto stem = packed_ ? packed_ : std::make_shared<const kernels::StemConv>(made(x.shape()));
  const auto clamp = kernels::clamp_of(conv_.activation);
  const std::int64_t parts = stem->parts(x.shape()[0], context.threads());
  context.share(parts, [&](std::int64_t part, Context& own) {
    stem->run(x.shape()[0], x.f32().data(),
              conv_.options().bias ? conv_.bias.f32().data() : nullptr,
              clamp.value_or(kernels::Clamp{}), {part, parts}, y.f32().data(),
              own.scratch_floats().data());
  });
  if (!clamp) kernels::activate(conv_.activation, y.f32(), y.f32());
}

}  // namespace nn
