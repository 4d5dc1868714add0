#include <cmath>

#include <nn/layers/batch_norm.h>
#include <nn/layers/repr.h>
#include <nn/layers/running_norm.h>

namespace nn {

BatchNorm::BatchNorm(std::string_view kind, const Options& options) : options_(options) {
  declare_parameters(kind, *this);
}

void BatchNorm::require_channels(const Shape& in) const {
  const Options& o = options_;
  if (!o.track_running_stats) {
    fail(
        "track_running_stats=False normalises by the statistics of the batch: that is training, "
        "not "
        "inference");
  }
  if (!(o.eps >= 0)) fail("batch_norm eps must be non-negative, but got ", repr(o.eps));
  if (in[1] != o.num_features) {
    fail("running_mean should contain ", in[1], " elements not ", o.num_features);
  }
}

std::size_t BatchNorm::scratch_bytes(const Shape&) const {
  return 2 * static_cast<std::size_t>(options_.num_features) * sizeof(float);
}

void BatchNorm::forward(ConstTensorView x, TensorView y, Context& context) const {
  const auto channels = static_cast<std::size_t>(options_.num_features);
  const std::span<float> alpha = context.scratch_floats(2 * channels).first(channels);
  const std::span<float> beta = context.scratch_floats(2 * channels).last(channels);
  const auto eps = static_cast<float>(options_.eps);
  for (std::size_t c = 0; c < channels; ++c) {
    const float inverse = 1 / std::sqrt(running_var.f32()[c] + eps);
    alpha[c] = weight.declared() ? inverse * weight.f32()[c] : inverse;
    beta[c] = (bias.declared() ? bias.f32()[c] : 0) - running_mean.f32()[c] * alpha[c];
  }
  const Shape& shape = x.shape();  // [N, C, *]
  const auto images = static_cast<std::size_t>(shape[0]);
  const auto pixels = static_cast<std::size_t>(shape.numel(2, shape.rank()));
  const float* from = x.f32().data();
  float* to = y.f32().data();
  for (std::size_t n = 0; n < images; ++n) {
    if (shape.rank() == 2) {
      for (std::size_t c = 0; c < channels; ++c) to[c] = from[c] * alpha[c] + beta[c];
      from += channels;
      to += channels;
      continue;
    }
    for (std::size_t c = 0; c < channels; ++c, from += pixels, to += pixels) {
      const float a = alpha[c];
      const float b = beta[c];
      for (std::size_t i = 0; i < pixels; ++i) to[i] = from[i] * a + b;
    }
  }
}

BatchNorm::Affine BatchNorm::scale_and_shift() const {
  const auto channels = static_cast<std::size_t>(options_.num_features);
  Affine result{std::vector<double>(channels), std::vector<double>(channels)};
  for (std::size_t c = 0; c < channels; ++c) {
    const double factor = weight.declared() ? weight.f32()[c] : 1;
    const double offset = bias.declared() ? bias.f32()[c] : 0;
    const double mean = running_mean.f32()[c];
    const double variance = running_var.f32()[c];
    result.scale[c] = factor / std::sqrt(variance + options_.eps);
    result.shift[c] = offset - mean * result.scale[c];
  }
  return result;
}

std::vector<NamedParameter> BatchNorm::parameters() { return parameters_of(*this); }

std::string BatchNorm::extra_repr() const { return repr_of(options_); }

Shape BatchNorm1d::output_shape(const Shape& in) const {
  if (in.rank() != 2 && in.rank() != 3) {
    fail("expected 2D or 3D input (got ", in.rank(), "D input)");
  }
  require_channels(in);
  return in;
}

Shape BatchNorm2d::output_shape(const Shape& in) const {
  if (in.rank() != 4) fail("expected 4D input (got ", in.rank(), "D input)");
  require_channels(in);
  return in;
}

Shape BatchNormAnyRank::output_shape(const Shape& in) const {
  if (in.rank() < 2) fail("expected 2D or larger input (got ", in.rank(), "D input)");
  require_channels(in);
  return in;
}

}  // namespace nn
