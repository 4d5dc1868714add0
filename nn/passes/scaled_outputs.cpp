#include <algorithm>
#include <cmath>

#include <nn/layers/conv2d.h>
#include <nn/layers/linear.h>
#include <nn/passes/scaled_outputs.h>

namespace nn {
namespace {

// `layer` with its outputs scaled and shifted. Its weight is [out, …], its bias [out] or not there.
template <class L>
L scaled(const L& layer, const typename L::Options& with_bias, const BatchNorm::Affine& affine) {
  const std::size_t out = affine.scale.size();
  L result(with_bias);
  result.weight = layer.weight;  // shared
  Tensor bias({static_cast<std::int64_t>(out)});
  if (std::ranges::any_of(affine.scale, [](double scale) { return scale != 1; })) {
    Tensor weight = Tensor::copy_of(layer.weight.view());
    const std::size_t row = weight.f32().size() / out;
    for (std::size_t o = 0; o < out; ++o) {
      for (float& w : weight.f32().subspan(o * row, row)) {
        w = static_cast<float>(static_cast<double>(w) * affine.scale[o]);
      }
    }
    result.weight = std::move(weight);
  }
  for (std::size_t o = 0; o < out; ++o) {
    const double b = layer.bias.declared() ? static_cast<double>(layer.bias.f32()[o]) : 0.0;
    bias.f32()[o] = static_cast<float>(b * affine.scale[o] + affine.shift[o]);
  }
  result.bias = std::move(bias);
  return result;
}

bool all_finite(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double value) {
    return std::isfinite(value) && std::isfinite(static_cast<float>(value));
  });
}

template <class L>
std::optional<Module> scaled_with_bias(const L& layer, const BatchNorm::Affine& affine) {
  if (layer.activation != kernels::Activation{}) return std::nullopt;
  typename L::Options options = layer.options();
  options.bias = true;
  return scaled(layer, options, affine);
}

}  // namespace

std::optional<Module> with_scaled_outputs(const Node& node, const BatchNorm::Affine& affine,
                                          const Shape& out, std::size_t dim) {
  if (!all_finite(affine.scale) || !all_finite(affine.shift)) return std::nullopt;
  if (const auto* conv = node.as<Conv2d>()) {
    if (out.rank() != 4 || dim != 1 || conv->max_pool) return std::nullopt;
    return scaled_with_bias(*conv, affine);
  }
  const auto* linear = node.as<Linear>();
  if (linear == nullptr || dim + 1 != out.rank()) return std::nullopt;
  return scaled_with_bias(*linear, affine);
}

}  // namespace nn
