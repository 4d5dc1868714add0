#include <cmath>

#include <nn/kernels/normalise.h>
#include <nn/layers/group_norm.h>
#include <nn/layers/repr.h>
#include <nn/layers/running_norm.h>

namespace nn {
namespace {

float value_of(const Parameter& parameter, std::size_t channel, float without) {
  return parameter.declared() ? parameter.f32()[channel] : without;
}

}  // namespace

GroupNorm::GroupNorm(const Options& options) : options_(options) {
  const Options& o = options_;
  if (o.num_groups <= 0) fail("GroupNorm: num_groups must be positive, got ", o.num_groups);
  if (o.num_channels <= 0) fail("GroupNorm: num_channels must be positive, got ", o.num_channels);
  if (o.num_channels % o.num_groups != 0) {
    fail("GroupNorm: num_channels (", o.num_channels, ") must be divisible by num_groups (",
         o.num_groups, ")");
  }
  if (!o.affine) return;
  weight = Parameter({o.num_channels});
  if (o.bias) bias = Parameter({o.num_channels});
}

Shape GroupNorm::output_shape(const Shape& in) const {
  if (in.rank() < 2)
    fail("Expected at least 2 dimensions for input tensor but received ", in.rank());
  if (in[1] % options_.num_groups != 0) {
    fail("Expected number of channels in input to be divisible by num_groups, but got input of ",
         "shape ", in, " and num_groups=", options_.num_groups);
  }
  if (options_.affine && in[1] != options_.num_channels) {
    fail(
        "Expected weight to be a vector of size equal to the number of channels in input, but got ",
        "weight of shape ", weight.shape(), " and input of shape ", in);
  }
  return in;
}

void GroupNorm::forward(ConstTensorView x, TensorView y) const {
  const Shape& shape = x.shape();  // [N, C, *]
  const auto channels = static_cast<std::size_t>(shape[1]);
  const std::size_t in_group = channels / static_cast<std::size_t>(options_.num_groups);
  const auto pixels = static_cast<std::size_t>(shape.numel(2, shape.rank()));
  const std::size_t size = in_group * pixels;
  if (size == 0) return;
  std::size_t channel = 0;
  for (std::size_t begin = 0; begin < x.f32().size(); begin += size) {
    const kernels::Statistics of = kernels::statistics(x.f32().subspan(begin, size), options_.eps);
    for (std::size_t i = 0; i < in_group; ++i) {
      const std::size_t at = begin + i * pixels;
      kernels::normalise(of, value_of(weight, channel, 1), value_of(bias, channel, 0),
                         x.f32().subspan(at, pixels), y.f32().subspan(at, pixels));
      channel = channel + 1 == channels ? 0 : channel + 1;
    }
  }
}

std::vector<NamedParameter> GroupNorm::parameters() {
  std::vector<NamedParameter> result;
  if (weight.declared()) result.push_back({"weight", weight});
  if (bias.declared()) result.push_back({"bias", bias});
  return result;
}

std::string GroupNorm::extra_repr() const {
  const Options& o = options_;
  return concat(o.num_groups, ", ", o.num_channels, ", eps=", repr(o.eps),
                ", affine=", repr(o.affine), ", bias=", repr(o.affine && o.bias));
}

InstanceNorm2d::InstanceNorm2d(const Options& options) : options_(options) {
  declare_parameters(kind(), *this);
}

Shape InstanceNorm2d::output_shape(const Shape& in) const {
  const Options& o = options_;
  if (in.rank() != 3 && in.rank() != 4) {
    fail("expected 3D or 4D input (got ", in.rank(), "D input)");
  }
  const std::int64_t channels = in[in.rank() - 3];
  if (channels != o.num_features && (o.affine || o.track_running_stats)) {
    fail("expected input's size at dim=", in.rank() - 3, " to match num_features (", o.num_features,
         "), but got: ", channels);
  }
  if (!o.track_running_stats && in.numel(in.rank() - 2, in.rank()) == 1) {
    fail("Expected more than 1 spatial element when training, got input size ", in);
  }
  return in;
}

void InstanceNorm2d::forward(ConstTensorView x, TensorView y) const {
  const Shape& shape = x.shape();
  const auto channels = static_cast<std::size_t>(shape[shape.rank() - 3]);
  const auto pixels = static_cast<std::size_t>(shape.numel(shape.rank() - 2, shape.rank()));
  if (pixels == 0) return;
  std::size_t channel = 0;
  for (std::size_t begin = 0; begin < x.f32().size(); begin += pixels) {
    const std::span<const float> plane = x.f32().subspan(begin, pixels);
    kernels::Statistics of{};
    if (options_.track_running_stats) {
      of = {running_mean.f32()[channel],
            1 / std::sqrt(double{running_var.f32()[channel]} + options_.eps)};
    } else {
      of = kernels::statistics(plane, options_.eps);
    }
    kernels::normalise(of, value_of(weight, channel, 1), value_of(bias, channel, 0), plane,
                       y.f32().subspan(begin, pixels));
    channel = channel + 1 == channels ? 0 : channel + 1;
  }
}

std::vector<NamedParameter> InstanceNorm2d::parameters() { return parameters_of(*this); }

std::string InstanceNorm2d::extra_repr() const { return repr_of(options_); }

}  // namespace nn
