#include <cfloat>

#include <nn/kernels/normalise.h>
#include <nn/layers/layer_norm.h>
#include <nn/layers/repr.h>

namespace nn {
namespace {

void require_sizes(std::string_view kind, const Shape& normalized_shape) {
  if (normalized_shape.rank() == 0) {
    fail(kind, ": expected normalized_shape to be at least 1-dimensional, got []");
  }
}

// Throws Error unless `in` ends as normalized_shape does.
void require_end(const Shape& in, const Shape& end) {
  bool same = in.rank() >= end.rank();
  for (std::size_t i = 0; same && i < end.rank(); ++i) {
    same = in[in.rank() - end.rank() + i] == end[i];
  }
  if (same) return;
  std::string expected = "[*";
  for (std::size_t i = 0; i < end.rank(); ++i) expected += concat(", ", end[i]);
  fail("Given normalized_shape=", end, ", expected input with shape ", expected,
       "], but got input of size", in);
}

// "(768,)", "(3, 4)"
std::string tuple(const Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.rank(); ++i) text += concat(i == 0 ? "" : ", ", shape[i]);
  return text + (shape.rank() == 1 ? ",)" : ")");
}

std::span<const float> values(const Parameter& parameter) {
  return parameter.declared() ? parameter.f32() : std::span<const float>();
}

// work(row of x, row of y)
template <class Work>
void for_each_row(const Shape& end, ConstTensorView x, TensorView y, Work work) {
  const auto size = static_cast<std::size_t>(end.numel());
  for (std::size_t begin = 0; begin < x.f32().size(); begin += size) {
    work(x.f32().subspan(begin, size), y.f32().subspan(begin, size));
  }
}

}  // namespace

LayerNorm::LayerNorm(const Options& options) : options_(options) {
  require_sizes("LayerNorm", options_.normalized_shape);
  if (!options_.elementwise_affine) return;
  weight = Parameter(options_.normalized_shape);
  if (options_.bias) bias = Parameter(options_.normalized_shape);
}

Shape LayerNorm::output_shape(const Shape& in) const {
  require_end(in, options_.normalized_shape);
  return in;
}

void LayerNorm::forward(ConstTensorView x, TensorView y) const {
  for_each_row(options_.normalized_shape, x, y,
               [&](std::span<const float> from, std::span<float> to) {
                 kernels::normalise(kernels::statistics(from, options_.eps), values(weight),
                                    values(bias), from, to);
               });
}

std::vector<NamedParameter> LayerNorm::parameters() {
  std::vector<NamedParameter> result;
  if (weight.declared()) result.push_back({"weight", weight});
  if (bias.declared()) result.push_back({"bias", bias});
  return result;
}

std::string LayerNorm::extra_repr() const {
  const Options& o = options_;
  return concat(tuple(o.normalized_shape), ", eps=", repr(o.eps),
                ", elementwise_affine=", repr(o.elementwise_affine),
                ", bias=", repr(o.elementwise_affine && o.bias));
}

RMSNorm::RMSNorm(const Options& options) : options_(options) {
  require_sizes("RMSNorm", options_.normalized_shape);
  if (options_.elementwise_affine) weight = Parameter(options_.normalized_shape);
}

Shape RMSNorm::output_shape(const Shape& in) const {
  require_end(in, options_.normalized_shape);
  return in;
}

void RMSNorm::forward(ConstTensorView x, TensorView y) const {
  const double eps = options_.eps.value_or(double{FLT_EPSILON});
  for_each_row(
      options_.normalized_shape, x, y, [&](std::span<const float> from, std::span<float> to) {
        kernels::normalise({0, kernels::inverse_rms(from, eps)}, values(weight), {}, from, to);
      });
}

std::vector<NamedParameter> RMSNorm::parameters() {
  if (!weight.declared()) return {};
  return {{"weight", weight}};
}

std::string RMSNorm::extra_repr() const {
  const Options& o = options_;
  return concat(tuple(o.normalized_shape), ", eps=", o.eps ? repr(*o.eps) : "None",
                ", elementwise_affine=", repr(o.elementwise_affine));
}

}  // namespace nn
