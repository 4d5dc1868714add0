// The table's rows for normalisation.
#include <array>

#include <nn/import/common_layers.h>
#include <nn/import/onnx_step.h>
#include <nn/layers/binary.h>
#include <nn/layers/group_norm.h>
#include <nn/layers/layer_norm.h>
#include <nn/layers/reduce.h>
#include <nn/layers/unary.h>
#include <nn/layers/where.h>

namespace nn {
namespace {

using B = Binary::Op;
using U = Unary::Op;
using Arguments = std::span<const Deferred::Argument>;

Operand sub(OnnxStep& step, const Operand& a, const Operand& b) {
  return step.between(Binary(B::sub), {a, b});
}

Operand mul(OnnxStep& step, const Operand& a, const Operand& b) {
  return step.between(mul_of(a.dtype()), {a, b});
}

void batch_normalization(OnnxStep& step) {
  if (step.integer("training_mode", 0) != 0) {
    fail("attribute 'training_mode' is 1: export the model after model.eval()");
  }
  if (step.integer("spatial", 1) != 1) fail("attribute 'spatial' is 0, expected 1");
  step.give(batch_norm_of(step.weight(1), step.weight(2), step.weight(3), step.weight(4),
                          step.number("epsilon", 1e-5)),
            {step.input(0)});
}

// The sizes from the axis on.
Shape sizes_from(std::int64_t axis, std::span<const std::int64_t> sizes) {
  return Shape(sizes.subspan(normalize_dim(axis, sizes.size())));
}

// Makes the layer of the scale's shape where the axis tells that, else when the sizes are known.
template <class Make>
void give_normalized(OnnxStep& step, const Operand& x, std::string kind, const Make& make) {
  const std::int64_t axis = step.integer("axis", -1);
  const Shape& scale = step.weight(1)->shape();
  if (axis == -static_cast<std::int64_t>(scale.rank())) return step.give(make(scale), {x});
  const auto later = [axis, scale, make](Arguments arguments) {
    const Shape sizes = sizes_from(axis, arguments[0].integers());
    if (sizes != scale) {
      fail("the scale is ", scale, ", expected the sizes from axis ", axis, " on, ", sizes);
    }
    return make(sizes);
  };
  step.give({x}, {.kind = std::move(kind), .make = later}, {step.sizes_of(x)});
}

// Mean and 1 / standard deviation, which LayerNormalization may give beside its result.
void give_statistics(OnnxStep& step, const Operand& x, double eps) {
  const std::int64_t axis = step.integer("axis", -1);
  const auto mean_of = [&](const Operand& values) {
    const auto make = [axis](Arguments arguments) {
      const std::size_t rank = arguments[0].integers().size();
      std::vector<std::int64_t> dims;
      for (std::size_t i = normalize_dim(axis, rank); i < rank; ++i) {
        dims.push_back(static_cast<std::int64_t>(i));
      }
      return Module(Reduce({.op = Reduce::Op::mean, .dims = dims, .keepdim = true}));
    };
    return step.between({values}, {.kind = "mean", .make = make}, {step.sizes_of(x)});
  };
  const Operand mean = mean_of(x);
  if (step.wants(1)) step.give(mean, 1);
  if (!step.wants(2)) return;
  const Operand centred = sub(step, x, mean);
  const Operand variance = mean_of(mul(step, centred, centred));
  const Operand shifted = step.between(add_of(x.dtype()), {variance, number_of(eps)});
  step.give(step.between(Unary(U::rsqrt), {shifted}), 2);
}

void layer_normalization(OnnxStep& step) {
  const Operand x = step.input(0);
  const double eps = step.number("epsilon", 1e-5);
  const Values scale = step.weight(1), bias = step.gives(2) ? step.weight(2) : nullptr;
  if (step.wants(1) || step.wants(2)) give_statistics(step, x, eps);
  give_normalized(step, x, "LayerNorm", [=](const Shape& shape) {
    LayerNorm layer({.normalized_shape = shape, .eps = eps, .bias = bias != nullptr});
    layer.weight.assign(scale);
    if (bias) layer.bias.assign(bias);
    return Module(layer);
  });
}

void rms_normalization(OnnxStep& step) {
  const double eps = step.number("epsilon", 1e-5);
  const Values scale = step.weight(1);
  give_normalized(step, step.input(0), "RMSNorm", [=](const Shape& shape) {
    RMSNorm layer({.normalized_shape = shape, .eps = eps});
    layer.weight.assign(scale);
    return Module(layer);
  });
}

Module group_norm_of(std::int64_t groups, double eps, const Values& scale, const Values& bias) {
  GroupNorm layer({.num_groups = groups, .num_channels = scale->numel(), .eps = eps});
  layer.weight.assign(scale);
  layer.bias.assign(bias);
  return layer;
}

// The mean and the variance of each plane are those of groups of one channel.
void instance_normalization(OnnxStep& step) {
  const Values& scale = step.weight(1);
  step.give(group_norm_of(scale->numel(), step.number("epsilon", 1e-5), scale, step.weight(2)),
            {step.input(0)});
}

// A number for each group, for each of its channels.
Values for_channels(const Values& of_groups, std::int64_t channels) {
  const std::int64_t groups = of_groups->numel();
  if (groups == 0 || channels % groups != 0) {
    fail(channels, " channels are not divisible by ", groups, " groups");
  }
  std::vector<float> values;
  for (std::int64_t c = 0; c < channels; ++c) {
    values.push_back(of_groups->f32()[static_cast<std::size_t>(c / (channels / groups))]);
  }
  return std::make_shared<const Tensor>(Tensor::from(std::span<const float>(values), {channels}));
}

void group_normalization(OnnxStep& step) {
  const std::int64_t groups = step.integer("num_groups", 0);
  const double eps = step.number("epsilon", 1e-5);
  const Operand x = step.input(0);
  const Values scale = step.weight(1), bias = step.weight(2);
  if (step.opset() >= 21) return step.give(group_norm_of(groups, eps, scale, bias), {x});
  // Before opset 21 scale and bias are of groups.
  const auto make = [=](Arguments arguments) {
    const auto sizes = arguments[0].integers();
    if (sizes.size() < 2) fail("expected an input of 2 or more dimensions, got ", sizes.size());
    return group_norm_of(groups, eps, for_channels(scale, sizes[1]), for_channels(bias, sizes[1]));
  };
  step.give({x}, {.kind = "GroupNorm", .make = make}, {step.sizes_of(x)});
}

// x / (the sum of |x|^p)^(1/p), 0 where all are
void lp_normalization(OnnxStep& step) {
  const std::int64_t axis = step.integer("axis", -1), p = step.integer("p", 2);
  if (p != 1 && p != 2) fail("attribute 'p' is ", p, ", expected 1 or 2");
  const Operand x = step.input(0);
  const Operand powers = p == 1 ? step.between(Unary(U::abs), {x}) : mul(step, x, x);
  Operand norm =
      step.between(Reduce({.op = Reduce::Op::sum, .dims = {axis}, .keepdim = true}), {powers});
  if (p == 2) norm = step.between(Unary(U::sqrt), {norm});
  const Operand none = step.between(Binary(B::eq), {norm, number_of(0)});
  const Operand divisor = step.between(Where{}, {none, number_of(1), norm});
  step.give(Binary(B::div), {x, divisor});
}

// (x - mean) / (the standard deviation + 1e-9)
void mean_variance_normalization(OnnxStep& step) {
  const auto axes = step.integers("axes", {0, 2, 3});
  const Operand x = step.input(0);
  const auto mean_of = [&](const Operand& values) {
    return step.between(Reduce({.op = Reduce::Op::mean, .dims = axes, .keepdim = true}), {values});
  };
  const Operand mean = mean_of(x);
  const Operand variance = sub(step, mean_of(mul(step, x, x)), mul(step, mean, mean));
  const Operand deviation =
      step.between(add_of(x.dtype()), {step.between(Unary(U::sqrt), {variance}), number_of(1e-9)});
  step.give(Binary(B::div), {sub(step, x, mean), deviation});
}

constexpr std::array rows{
    OnnxOperator{"BatchNormalization", batch_normalization},
    OnnxOperator{"LayerNormalization", layer_normalization},
    OnnxOperator{"RMSNormalization", rms_normalization},
    OnnxOperator{"InstanceNormalization", instance_normalization},
    OnnxOperator{"GroupNormalization", group_normalization},
    OnnxOperator{"LpNormalization", lp_normalization},
    OnnxOperator{"MeanVarianceNormalization", mean_variance_normalization},
};

}  // namespace

std::span<const OnnxOperator> onnx_norm_operators() { return rows; }

}  // namespace nn
