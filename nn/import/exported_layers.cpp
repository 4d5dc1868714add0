// The table's rows for convolution, normalisation and products.
#include <algorithm>
#include <array>

#include <nn/checked.h>
#include <nn/import/common_layers.h>
#include <nn/import/exported_windows.h>
#include <nn/layers/add.h>
#include <nn/layers/conv_transpose2d.h>
#include <nn/layers/group_norm.h>
#include <nn/layers/layer_norm.h>
#include <nn/layers/matmul.h>
#include <nn/layers/scaled_dot_product_attention.h>
#include <nn/layers/take.h>
#include <nn/layers/transpose.h>
#include <nn/layers/unsqueeze.h>

namespace nn {
namespace {

Values weight_or_none(ExportedStep& step, std::string_view argument) {
  return step.gives(argument) ? step.weight(argument) : nullptr;
}

// The number of a weight's dimensions that are not channels.
std::size_t spatial_rank(ExportedStep& step) {
  const std::size_t rank = step.weight("weight")->shape().rank();
  if (rank < 3) fail("the weight has ", rank, " dimensions, expected at least 3");
  return rank - 2;
}

// A weight [out, in, length] as [out, in, 1, length]: one row of a picture.
Values as_row(const Values& weight) {
  const Shape& n = weight->shape();
  return std::make_shared<const Tensor>(weight->reshaped({n[0], n[1], 1, n[2]}));
}

void convolve(ExportedStep& step, const Padding* words) {
  Values weight = step.weight("weight");
  const Values bias = weight_or_none(step, "bias");
  weight = step.weight("weight");  // names the layer
  const std::size_t rank = spatial_rank(step);
  if (rank > 2) fail("convolutions of volumes are not supported");
  const auto stride = spread(step, "stride", 1, rank), dilation = spread(step, "dilation", 1, rank);
  const auto padding = words ? std::vector<std::int64_t>(rank) : spread(step, "padding", 0, rank);
  const std::int64_t groups = step.integer("groups", 1);
  if (rank == 1) {
    ConvArguments arguments{.stride = row(stride[0], 1),
                            .padding = words ? *words : Padding(row(padding[0], 0)),
                            .dilation = row(dilation[0], 1),
                            .groups = groups};
    return give_row(step, conv2d_of(as_row(weight), bias, arguments), "input");
  }
  ConvArguments arguments{.stride = {stride[0], stride[1]},
                          .padding = words ? *words : Padding(IntPair{padding[0], padding[1]}),
                          .dilation = {dilation[0], dilation[1]},
                          .groups = groups};
  step.give(conv2d_of(weight, bias, arguments), {step.tensor("input")});
}

void conv(ExportedStep& step) { convolve(step, nullptr); }

void conv_padding(ExportedStep& step) {
  const Padding padding(step.text("padding", "valid"));
  convolve(step, &padding);
}

void conv_transpose(ExportedStep& step) {
  const Values bias = weight_or_none(step, "bias");
  Values weight = step.weight("weight");
  const std::size_t rank = spatial_rank(step);
  if (rank > 2) fail("transposed convolutions of volumes are not supported");
  const auto stride = spread(step, "stride", 1, rank), dilation = spread(step, "dilation", 1, rank),
             padding = spread(step, "padding", 0, rank),
             more = spread(step, "output_padding", 0, rank);
  if (rank == 1) weight = as_row(weight);
  const Shape& n = weight->shape();
  const auto two = [&](const std::vector<std::int64_t>& values, std::int64_t other) {
    return rank == 1 ? row(values[0], other) : IntPair{values[0], values[1]};
  };
  const std::int64_t groups = step.integer("groups", 1);
  const auto out_channels = checked_multiply(n[1], groups);
  if (!out_channels) fail("the weight is ", n, ", too large for ", groups, " groups");
  ConvTranspose2d layer({.in_channels = n[0],
                         .out_channels = *out_channels,
                         .kernel_size = {n[2], n[3]},
                         .stride = two(stride, 1),
                         .padding = two(padding, 0),
                         .output_padding = two(more, 0),
                         .groups = groups,
                         .bias = bias != nullptr,
                         .dilation = two(dilation, 1)});
  layer.weight.assign(weight);
  if (bias) layer.bias.assign(bias);
  if (rank == 1) return give_row(step, layer, "input");
  step.give(layer, {step.tensor("input")});
}

void convolution(ExportedStep& step) {
  step.boolean("transposed", false) ? conv_transpose(step) : conv(step);
}

void batch_norm(ExportedStep& step) {
  if (step.boolean("training", false)) {
    fail("it computes statistics of the batch: export the model after model.eval()");
  }
  const Values mean = step.weight("running_mean"), variance = step.weight("running_var");
  const Values bias = weight_or_none(step, "bias"), weight = weight_or_none(step, "weight");
  step.give(batch_norm_of(weight, bias, mean, variance, step.number("eps")),
            {step.tensor("input")});
}

void layer_norm(ExportedStep& step) {
  const Values bias = weight_or_none(step, "bias"), weight = weight_or_none(step, "weight");
  if (bias && !weight) fail("there is a bias without a weight");
  LayerNorm layer({.normalized_shape = Shape(step.integers("normalized_shape")),
                   .eps = step.number("eps", 1e-5),
                   .elementwise_affine = weight != nullptr,
                   .bias = bias != nullptr});
  if (weight) layer.weight.assign(weight);
  if (bias) layer.bias.assign(bias);
  step.give(layer, {step.tensor("input")});
}

void rms_norm(ExportedStep& step) {
  const Values weight = weight_or_none(step, "weight");
  RMSNorm::Options options{.normalized_shape = Shape(step.integers("normalized_shape"))};
  if (step.gives("eps")) options.eps = step.number("eps");
  options.elementwise_affine = weight != nullptr;
  RMSNorm layer(options);
  if (weight) layer.weight.assign(weight);
  step.give(layer, {step.tensor("input")});
}

void group_norm_of(ExportedStep& step, std::int64_t groups, std::int64_t channels) {
  const Values bias = weight_or_none(step, "bias"), weight = weight_or_none(step, "weight");
  if (bias && !weight) fail("there is a bias without a weight");
  GroupNorm layer({.num_groups = groups,
                   .num_channels = channels,
                   .eps = step.number("eps", 1e-5),
                   .affine = weight != nullptr,
                   .bias = bias != nullptr});
  if (weight) layer.weight.assign(weight);
  if (bias) layer.bias.assign(bias);
  step.give(layer, {step.tensor("input")});
}

std::int64_t channels_of(const ExportedStep& step) {
  const auto& sizes = step.described("input").sizes;
  if (sizes.size() < 2 || !sizes[1].value) fail("the number of channels is not known");
  return *sizes[1].value;
}

void group_norm(ExportedStep& step) {
  group_norm_of(step, step.integer("num_groups"), channels_of(step));
}

void native_group_norm(ExportedStep& step) {
  group_norm_of(step, step.integer("group"), step.integer("C"));
}

// Of each image and channel: a group norm of groups of one channel.
void instance_norm(ExportedStep& step) {
  if (!step.boolean("use_input_stats", true)) return batch_norm(step);
  if (step.gives("running_mean") || step.gives("running_var")) {
    fail("it updates running statistics: export the model after model.eval()");
  }
  const std::int64_t channels = channels_of(step);
  group_norm_of(step, channels, channels);
}

void linear(ExportedStep& step) {
  const Operand x = step.tensor("input");
  if (step.is_known("weight") && (!step.gives("bias") || step.is_known("bias"))) {
    const Values bias = weight_or_none(step, "bias");
    return step.give(linear_of(step.weight("weight"), bias), {x});
  }
  const Operand turned =
      step.before().add(Transpose({.dim0 = -2, .dim1 = -1}), {step.tensor("weight")});
  if (!step.gives("bias")) return step.give(MatMul{}, {x, turned});
  step.give(Add{}, {step.before().add(MatMul{}, {x, turned}), step.tensor("bias")});
}

// A product with a matrix that is known is a Linear.
void multiply(ExportedStep& step, std::string_view left, std::string_view right) {
  const Operand a = step.tensor(left), b = step.tensor(right);
  if (!a.known() && a.dtype() == DType::float32) {
    if (const Values matrix = step.matrix(right)) {
      return step.give(linear_of(transposed(matrix), nullptr), {a});
    }
  }
  step.give(MatMul{}, {a, b});
}

void mm(ExportedStep& step) { multiply(step, "self", "mat2"); }
void matmul(ExportedStep& step) { multiply(step, "self", "other"); }

// beta self + alpha a b
void add_product(ExportedStep& step, std::string_view left, std::string_view right) {
  const double beta = step.number("beta", 1), alpha = step.number("alpha", 1);
  const Operand a = step.tensor(left), b = step.tensor(right);
  if (beta == 1 && alpha == 1 && !a.known() && step.is_known("self") && b.known() &&
      b.constant->shape().rank() == 2 && step.weight("self")->shape().rank() == 1 &&
      step.weight("self")->numel() == b.constant->shape()[1]) {
    step.weight(right);
    const Values bias = step.weight("self");  // names the layer
    return step.give(linear_of(transposed(b.constant), bias), {a});
  }
  const ExportedLayers before = step.before();
  Operand product = before.add(MatMul{}, {a, b});
  if (alpha != 1) product = before.add(mul_of(DType::float32), {product, number_of(alpha)});
  if (beta == 0) return step.give(product);
  Operand added = step.tensor("self");
  if (beta != 1) added = before.add(mul_of(DType::float32), {added, number_of(beta)});
  step.give(Add{}, {product, added});
}

void addmm(ExportedStep& step) { add_product(step, "mat1", "mat2"); }
void baddbmm(ExportedStep& step) { add_product(step, "batch1", "batch2"); }

void embedding(ExportedStep& step) {
  if (step.is_known("weight")) step.weight("weight");
  step.give(Take({.dim = 0}), {step.tensor("weight"), step.tensor("indices")});
}

void attention(ExportedStep& step) {
  if (step.number("dropout_p", 0) != 0) {
    fail("it drops values out: export the model after model.eval()");
  }
  ScaledDotProductAttention::Options options{.is_causal = step.boolean("is_causal", false),
                                             .enable_gqa = step.boolean("enable_gqa", false)};
  if (step.gives("scale")) options.scale = step.number("scale");
  std::vector<Operand> inputs{step.tensor("query"), step.tensor("key"), step.tensor("value")};
  if (step.gives("attn_mask")) inputs.push_back(step.tensor("attn_mask"));
  step.give(ScaledDotProductAttention(options), inputs);
}

void dropout(ExportedStep& step) {
  if (step.boolean("train", false)) {
    fail("it is exported in training mode: export the model after model.eval()");
  }
  step.give_same(step.gives("input") ? "input" : "self");  // the latter in place
}

void native_dropout(ExportedStep& step) {
  if (step.boolean("train", true)) {
    fail("it is exported in training mode: export the model after model.eval()");
  }
  step.give(step.tensor("input"));
}

constexpr std::array rows{
    ExportedOperator{"conv1d.default", conv},
    ExportedOperator{"conv1d.padding", conv_padding},
    ExportedOperator{"conv2d.default", conv},
    ExportedOperator{"conv2d.padding", conv_padding},
    ExportedOperator{"conv3d.default", conv},
    ExportedOperator{"conv_transpose1d.default", conv_transpose},
    ExportedOperator{"conv_transpose2d.input", conv_transpose},
    ExportedOperator{"convolution.default", convolution},
    ExportedOperator{"batch_norm.default", batch_norm},
    ExportedOperator{"_native_batch_norm_legit_no_training.default", batch_norm},
    ExportedOperator{"layer_norm.default", layer_norm},
    ExportedOperator{"native_layer_norm.default", layer_norm},
    ExportedOperator{"rms_norm.default", rms_norm},
    ExportedOperator{"_fused_rms_norm.default", rms_norm},
    ExportedOperator{"group_norm.default", group_norm},
    ExportedOperator{"native_group_norm.default", native_group_norm},
    ExportedOperator{"instance_norm.default", instance_norm},
    ExportedOperator{"linear.default", linear},
    ExportedOperator{"addmm.default", addmm},
    ExportedOperator{"mm.default", mm},
    ExportedOperator{"bmm.default", mm},
    ExportedOperator{"baddbmm.default", baddbmm},
    ExportedOperator{"matmul.default", matmul},
    ExportedOperator{"embedding.default", embedding},
    ExportedOperator{"scaled_dot_product_attention.default", attention},
    ExportedOperator{"_scaled_dot_product_flash_attention_for_cpu.default", attention},
    ExportedOperator{"dropout.default", dropout},
    ExportedOperator{"dropout_.default", dropout},
    ExportedOperator{"feature_dropout.default", dropout},
    ExportedOperator{"feature_dropout_.default", dropout},
    ExportedOperator{"alpha_dropout.default", dropout},
    ExportedOperator{"alpha_dropout_.default", dropout},
    ExportedOperator{"native_dropout.default", native_dropout},
};

}  // namespace

std::span<const ExportedOperator> exported_layer_operators() { return rows; }

}  // namespace nn
