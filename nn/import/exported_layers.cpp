// The table's rows for convolution, pooling, normalisation, products and pictures.
#include <algorithm>
#include <array>

#include <nn/checked.h>
#include <nn/import/common_layers.h>
#include <nn/import/exported_step.h>
#include <nn/layers/adaptive_avg_pool2d.h>
#include <nn/layers/adaptive_max_pool2d.h>
#include <nn/layers/add.h>
#include <nn/layers/avg_pool2d.h>
#include <nn/layers/conv_transpose2d.h>
#include <nn/layers/group_norm.h>
#include <nn/layers/layer_norm.h>
#include <nn/layers/matmul.h>
#include <nn/layers/max_pool2d.h>
#include <nn/layers/pad.h>
#include <nn/layers/pool.h>
#include <nn/layers/scaled_dot_product_attention.h>
#include <nn/layers/squeeze.h>
#include <nn/layers/take.h>
#include <nn/layers/transpose.h>
#include <nn/layers/unsqueeze.h>
#include <nn/layers/upsample.h>

namespace nn {
namespace {

// Two numbers, or one for both.
IntPair pair(const ExportedStep& step, std::string_view argument,
             std::optional<IntPair> otherwise = {}) {
  const auto values = step.integers(argument);
  if (values.empty() && otherwise) return *otherwise;
  if (values.size() == 1) return values[0];
  if (values.size() != 2) {
    fail("argument '", argument, "' has ", values.size(),
         " numbers, expected 2: pictures have a height and a width");
  }
  return {values[0], values[1]};
}

Values weight_or_none(ExportedStep& step, std::string_view argument) {
  return step.gives(argument) ? step.weight(argument) : nullptr;
}

// The number of a weight's dimensions that are not channels.
std::size_t spatial_rank(ExportedStep& step) {
  const std::size_t rank = step.weight("weight")->shape().rank();
  if (rank < 3) fail("the weight has ", rank, " dimensions, expected at least 3");
  return rank - 2;
}

// One number for each of the weight's dimensions of space, where fewer are given.
std::vector<std::int64_t> spread(const ExportedStep& step, std::string_view argument,
                                 std::int64_t otherwise, std::size_t count) {
  auto values = step.integers(argument, {otherwise});
  if (values.size() == 1) values.resize(count, values[0]);
  if (values.size() != count) {
    fail("argument '", argument, "' has ", values.size(), " numbers, expected ", count);
  }
  return values;
}

// A weight [out, in, length] as [out, in, 1, length]: one row of a picture.
Values as_row(const Values& weight) {
  const Shape& n = weight->shape();
  return std::make_shared<const Tensor>(weight->reshaped({n[0], n[1], 1, n[2]}));
}

IntPair row(std::int64_t value, std::int64_t other) { return {other, value}; }

// Runs a layer for pictures on a signal [N, C, L].
void give_row(ExportedStep& step, const Module& layer, std::string_view argument) {
  const ExportedLayers before = step.before();
  const Operand picture = before.add(Unsqueeze({.dim = -2}), {step.tensor(argument)});
  const Operand y = step.layers().add(layer, {picture});
  step.give(step.before().add(Squeeze({.dims = {-2}}), {y}));
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

void max_pool2d(ExportedStep& step) {
  const IntPair kernel = pair(step, "kernel_size");
  step.give(MaxPool2d({.kernel_size = kernel,
                       .stride = pair(step, "stride", kernel),
                       .padding = pair(step, "padding", 0),
                       .dilation = pair(step, "dilation", 1),
                       .return_indices = step.wants(1),
                       .ceil_mode = step.boolean("ceil_mode", false)}),
            {step.tensor("self")});
}

void max_pool1d(ExportedStep& step) {
  const auto kernel = spread(step, "kernel_size", 1, 1);
  auto stride = step.integers("stride");
  if (stride.empty()) stride = kernel;
  give_row(step,
           MaxPool2d({.kernel_size = row(kernel[0], 1),
                      .stride = row(stride[0], 1),
                      .padding = row(spread(step, "padding", 0, 1)[0], 0),
                      .dilation = row(spread(step, "dilation", 1, 1)[0], 1),
                      .ceil_mode = step.boolean("ceil_mode", false)}),
           "self");
}

void avg_pool2d(ExportedStep& step) {
  const IntPair kernel = pair(step, "kernel_size");
  AvgPool2d::Options options{.kernel_size = kernel,
                             .stride = pair(step, "stride", kernel),
                             .padding = pair(step, "padding", 0),
                             .ceil_mode = step.boolean("ceil_mode", false),
                             .count_include_pad = step.boolean("count_include_pad", true)};
  if (step.gives("divisor_override")) options.divisor_override = step.integer("divisor_override");
  step.give(AvgPool2d(options), {step.tensor("self")});
}

void avg_pool1d(ExportedStep& step) {
  const auto kernel = spread(step, "kernel_size", 1, 1);
  auto stride = step.integers("stride");
  if (stride.empty()) stride = kernel;
  give_row(step,
           AvgPool2d({.kernel_size = row(kernel[0], 1),
                      .stride = row(stride[0], 1),
                      .padding = row(spread(step, "padding", 0, 1)[0], 0),
                      .ceil_mode = step.boolean("ceil_mode", false),
                      .count_include_pad = step.boolean("count_include_pad", true)}),
           "self");
}

// Of volumes.
void pool3d(ExportedStep& step, Pool::Op op) {
  const auto kernel = spread(step, "kernel_size", 0, 3);
  auto stride = step.integers("stride");
  stride = stride.empty() ? kernel : spread(step, "stride", 1, 3);
  const auto padding = spread(step, "padding", 0, 3);
  if (step.gives("divisor_override")) fail("argument 'divisor_override' is not supported");
  for (std::size_t i = 0; i < 3; ++i) {
    if (2 * padding[i] > kernel[i]) {
      fail("pad should be at most half of effective kernel size, but got pad=", padding[i],
           ", kernel_size=", kernel[i]);
    }
  }
  step.give(Pool({.op = op,
                  .kernel_size = kernel,
                  .stride = stride,
                  .before = padding,
                  .behind = padding,
                  .dilation = spread(step, "dilation", 1, 3),
                  .ceil_mode = step.boolean("ceil_mode", false),
                  .count_include_pad = step.boolean("count_include_pad", true)}),
            {step.tensor("self")});
}

void max_pool3d(ExportedStep& step) { pool3d(step, Pool::Op::max); }
void avg_pool3d(ExportedStep& step) { pool3d(step, Pool::Op::average); }

void adaptive_max_pool1d(ExportedStep& step) {
  const std::int64_t length = spread(step, "output_size", 1, 1)[0];
  if (step.wants(1)) fail("the places of the largest are not supported");
  give_row(step, AdaptiveMaxPool2d({.output_size = {1, length}}), "self");
}

void adaptive_avg_pool2d(ExportedStep& step) {
  const IntPair size = pair(step, "output_size");
  step.give(AdaptiveAvgPool2d({.output_size = {size.h, size.w}}), {step.tensor("self")});
}

void adaptive_avg_pool1d(ExportedStep& step) {
  const std::int64_t length = spread(step, "output_size", 1, 1)[0];
  give_row(step, AdaptiveAvgPool2d({.output_size = {1, length}}), "self");
}

void adaptive_max_pool2d(ExportedStep& step) {
  const IntPair size = pair(step, "output_size");
  step.give(AdaptiveMaxPool2d({.output_size = {size.h, size.w}, .return_indices = step.wants(1)}),
            {step.tensor("self")});
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

// The two factors that `.vec` or the plain form gives.
std::optional<Upsample::ScaleFactor> scales_of(const ExportedStep& step) {
  if (step.gives("scale_factors")) {
    const auto values = step.numbers("scale_factors");
    if (values.size() != 2) fail(values.size(), " scale factors are given, expected 2");
    return Upsample::ScaleFactor{values[0], values[1]};
  }
  if (step.gives("scales_h") && step.gives("scales_w")) {
    return Upsample::ScaleFactor{step.number("scales_h"), step.number("scales_w")};
  }
  return std::nullopt;
}

void upsample(ExportedStep& step, const std::string& mode) {
  const std::string_view input = step.gives("input") ? "input" : "self";
  Upsample::Options options{.scale_factor = scales_of(step), .mode = mode};
  if (mode == "bilinear" || mode == "bicubic") {
    options.align_corners = step.boolean("align_corners", false);
  }
  // A size beside a scale is what the scale gives.
  if (options.scale_factor) return step.give(Upsample(options), {step.tensor(input)});
  const auto make = [options](std::span<const Deferred::Argument> arguments) {
    const auto size = arguments[0].integers();
    if (size.size() != 2) fail("the output has ", size.size(), " sizes, expected 2");
    Upsample::Options sized = options;
    sized.size = IntPair{size[0], size[1]};
    return Module(Upsample(sized));
  };
  step.give({step.tensor(input)}, {.kind = "Upsample", .make = make}, {step.sizes("output_size")});
}

// Of signals: as a picture of one row.
void upsample1d(ExportedStep& step, const std::string& mode) {
  const std::string_view input = step.gives("input") ? "input" : "self";
  std::optional<double> scale;
  if (step.gives("scale_factors")) {
    const auto factors = step.numbers("scale_factors");
    if (factors.size() != 1) fail(factors.size(), " scale factors are given, expected 1");
    scale = factors[0];
  }
  if (step.gives("scales")) scale = step.number("scales");
  Upsample::Options options{.mode = mode};
  if (mode == "bilinear") options.align_corners = step.boolean("align_corners", false);
  if (scale) {
    options.scale_factor = Upsample::ScaleFactor{1, *scale};
  } else {
    options.size = IntPair{1, spread(step, "output_size", 1, 1)[0]};
  }
  give_row(step, Upsample(options), input);
}

void upsample_nearest1d(ExportedStep& step) { upsample1d(step, "nearest"); }
void upsample_nearest_exact1d(ExportedStep& step) { upsample1d(step, "nearest-exact"); }
void upsample_linear1d(ExportedStep& step) { upsample1d(step, "bilinear"); }

void upsample_nearest(ExportedStep& step) { upsample(step, "nearest"); }
void upsample_nearest_exact(ExportedStep& step) { upsample(step, "nearest-exact"); }
void upsample_bilinear(ExportedStep& step) { upsample(step, "bilinear"); }
void upsample_bicubic(ExportedStep& step) { upsample(step, "bicubic"); }

void pad_as(ExportedStep& step, std::string_view argument, const std::string& mode, double value) {
  const auto make = [mode, value](std::span<const Deferred::Argument> arguments) {
    const auto pad = arguments[0].integers();
    return Module(Pad({.pad = {pad.begin(), pad.end()}, .mode = mode, .value = value}));
  };
  step.give({step.tensor("self")}, {.kind = "Pad", .make = make}, {step.sizes(argument)});
}

void pad(ExportedStep& step) {
  pad_as(step, "pad", step.text("mode", "constant"), step.number("value", 0));
}
void constant_pad(ExportedStep& step) { pad_as(step, "pad", "constant", step.number("value", 0)); }
void reflection_pad(ExportedStep& step) { pad_as(step, "padding", "reflect", 0); }
void replication_pad(ExportedStep& step) { pad_as(step, "padding", "replicate", 0); }

constexpr std::array rows{
    ExportedOperator{"conv1d.default", conv},
    ExportedOperator{"conv1d.padding", conv_padding},
    ExportedOperator{"conv2d.default", conv},
    ExportedOperator{"conv2d.padding", conv_padding},
    ExportedOperator{"conv3d.default", conv},
    ExportedOperator{"conv_transpose1d.default", conv_transpose},
    ExportedOperator{"conv_transpose2d.input", conv_transpose},
    ExportedOperator{"convolution.default", convolution},
    ExportedOperator{"max_pool1d.default", max_pool1d},
    ExportedOperator{"max_pool2d.default", max_pool2d},
    ExportedOperator{"max_pool2d_with_indices.default", max_pool2d},
    ExportedOperator{"avg_pool1d.default", avg_pool1d},
    ExportedOperator{"avg_pool2d.default", avg_pool2d},
    ExportedOperator{"max_pool3d.default", max_pool3d},
    ExportedOperator{"max_pool3d_with_indices.default", max_pool3d},
    ExportedOperator{"avg_pool3d.default", avg_pool3d},
    ExportedOperator{"adaptive_max_pool1d.default", adaptive_max_pool1d},
    ExportedOperator{"adaptive_avg_pool1d.default", adaptive_avg_pool1d},
    ExportedOperator{"adaptive_avg_pool2d.default", adaptive_avg_pool2d},
    ExportedOperator{"_adaptive_avg_pool2d.default", adaptive_avg_pool2d},
    ExportedOperator{"adaptive_max_pool2d.default", adaptive_max_pool2d},
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
    ExportedOperator{"upsample_nearest1d.vec", upsample_nearest1d},
    ExportedOperator{"upsample_nearest1d.default", upsample_nearest1d},
    ExportedOperator{"_upsample_nearest_exact1d.vec", upsample_nearest_exact1d},
    ExportedOperator{"_upsample_nearest_exact1d.default", upsample_nearest_exact1d},
    ExportedOperator{"upsample_linear1d.vec", upsample_linear1d},
    ExportedOperator{"upsample_linear1d.default", upsample_linear1d},
    ExportedOperator{"upsample_nearest2d.vec", upsample_nearest},
    ExportedOperator{"upsample_nearest2d.default", upsample_nearest},
    ExportedOperator{"_upsample_nearest_exact2d.vec", upsample_nearest_exact},
    ExportedOperator{"_upsample_nearest_exact2d.default", upsample_nearest_exact},
    ExportedOperator{"upsample_bilinear2d.vec", upsample_bilinear},
    ExportedOperator{"upsample_bilinear2d.default", upsample_bilinear},
    ExportedOperator{"upsample_bicubic2d.vec", upsample_bicubic},
    ExportedOperator{"upsample_bicubic2d.default", upsample_bicubic},
    ExportedOperator{"pad.default", pad},
    ExportedOperator{"constant_pad_nd.default", constant_pad},
    ExportedOperator{"reflection_pad1d.default", reflection_pad},
    ExportedOperator{"reflection_pad2d.default", reflection_pad},
    ExportedOperator{"reflection_pad3d.default", reflection_pad},
    ExportedOperator{"replication_pad1d.default", replication_pad},
    ExportedOperator{"replication_pad2d.default", replication_pad},
    ExportedOperator{"replication_pad3d.default", replication_pad},
};

}  // namespace

std::span<const ExportedOperator> exported_layer_operators() { return rows; }

}  // namespace nn
