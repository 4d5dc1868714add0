#include <algorithm>
#include <cmath>
#include <optional>

#include <nn/layers/batch_norm.h>
#include <nn/layers/conv2d.h>
#include <nn/layers/linear.h>
#include <nn/passes/fold_batch_norm.h>
#include <nn/passes/rewrite.h>

namespace nn {
namespace {

const BatchNorm* batch_norm(const Node& node) {
  if (const auto* norm = node.as<BatchNorm2d>()) return norm;
  if (const auto* norm = node.as<BatchNormAnyRank>()) return norm;
  return node.as<BatchNorm1d>();
}

// `layer` with its outputs scaled and shifted. Its weight is [out, …], its bias [out] or not there.
template <class L>
L scaled(const L& layer, const typename L::Options& with_bias, const BatchNorm::Affine& affine) {
  const std::size_t out = affine.scale.size();
  Tensor weight = Tensor::copy_of(layer.weight.view());
  Tensor bias({static_cast<std::int64_t>(out)});
  const std::size_t row = out == 0 ? 0 : weight.f32().size() / out;
  for (std::size_t o = 0; o < out; ++o) {
    for (float& w : weight.f32().subspan(o * row, row)) {
      w = static_cast<float>(static_cast<double>(w) * affine.scale[o]);
    }
    const double b = layer.bias.declared() ? static_cast<double>(layer.bias.f32()[o]) : 0.0;
    bias.f32()[o] = static_cast<float>(b * affine.scale[o] + affine.shift[o]);
  }
  L result(with_bias);
  result.weight = std::move(weight);
  result.bias = std::move(bias);
  return result;
}

bool all_finite(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double value) {
    return std::isfinite(value) && std::isfinite(static_cast<float>(value));
  });
}

// The producer with the normalisation in it, or nothing when that is not the same.
std::optional<Module> folded(const Node& producer, const BatchNorm& norm, const Shape& between) {
  const BatchNorm::Affine affine = norm.scale_and_shift();
  if (!all_finite(affine.scale) || !all_finite(affine.shift)) return std::nullopt;
  if (const auto* conv = producer.as<Conv2d>()) {
    if (between.rank() != 4 || conv->activation != kernels::Activation{}) return std::nullopt;
    Conv2d::Options options = conv->options();
    options.bias = true;
    return scaled(*conv, options, affine);
  }
  if (const auto* linear = producer.as<Linear>()) {  // its channels are dim 1 in [N, C] alone
    if (between.rank() != 2 || linear->activation != kernels::Activation{}) return std::nullopt;
    Linear::Options options = linear->options();
    options.bias = true;
    return scaled(*linear, options, affine);
  }
  return std::nullopt;
}

}  // namespace

Graph fold_batch_norm(const Graph& graph, std::span<const TensorSpec> specs) {
  Graph result = graph;
  for (std::size_t i = 0; i < result.nodes().size();) {
    const Node& node = result.nodes()[i];
    const BatchNorm* norm = batch_norm(node);
    const auto producer = norm ? only_producer(result, node) : std::nullopt;
    const auto layer = producer ? folded(result.nodes()[*producer], *norm,
                                         specs[static_cast<std::size_t>(node.inputs[0].id)].shape)
                                : std::nullopt;
    if (layer) {
      result.replace(*producer, *layer);
      result.bypass(i);
    } else {
      ++i;
    }
  }
  return result;
}

}  // namespace nn
