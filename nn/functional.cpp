#include <algorithm>

#include <nn/functional.h>
#include <nn/kernels/softmax.h>
#include <nn/layers/activations.h>
#include <nn/layers/add.h>
#include <nn/layers/avg_pool2d.h>
#include <nn/layers/batch_norm.h>
#include <nn/layers/concat.h>
#include <nn/layers/conv2d.h>
#include <nn/layers/dropout.h>
#include <nn/layers/flatten.h>
#include <nn/layers/gelu.h>
#include <nn/layers/leaky_relu.h>
#include <nn/layers/linear.h>
#include <nn/layers/max_pool2d.h>
#include <nn/layers/mul.h>
#include <nn/layers/relu.h>
#include <nn/layers/reshape.h>
#include <nn/layers/sigmoid.h>
#include <nn/layers/silu.h>
#include <nn/layers/softmax.h>
#include <nn/layers/tanh.h>
#include <nn/module.h>

namespace nn::functional {
namespace {

// PyTorch's name of an element type in messages of its kernels.
std::string_view scalar_type(DType dtype) {
  switch (dtype) {
    case DType::int64:
      return "Long";
    case DType::int32:
      return "Int";
    case DType::int16:
      return "Short";
    case DType::int8:
      return "Char";
    case DType::uint8:
      return "Byte";
    case DType::uint64:
      return "UInt64";
    case DType::uint32:
      return "UInt32";
    case DType::uint16:
      return "UInt16";
    case DType::boolean:
      return "Bool";
    case DType::float8_e4m3fn:
      return "Float8_e4m3fn";
    case DType::float8_e5m2:
      return "Float8_e5m2";
    case DType::float8_e4m3fnuz:
      return "Float8_e4m3fnuz";
    case DType::float8_e5m2fnuz:
      return "Float8_e5m2fnuz";
    case DType::float8_e8m0fnu:
      return "Float8_e8m0fnu";
    case DType::float32:
    case DType::float64:
    case DType::float16:
    case DType::bfloat16:
      break;
  }
  return name_of(dtype);
}

enum class Function : std::uint8_t { softmax, log_softmax };

template <class T>
void run(Function function, const kernels::RowLayout& layout, ConstTensorView x, TensorView y) {
  if (function == Function::softmax) {
    kernels::softmax(layout, x.as<T>(), y.as<T>());
  } else {
    kernels::log_softmax(layout, x.as<T>(), y.as<T>());
  }
}

Tensor probabilities(Function function, ConstTensorView input, std::optional<std::int64_t> dim,
                     std::optional<DType> dtype) {
  if (dtype && *dtype != input.dtype()) return probabilities(function, to(input, *dtype), dim, {});
  const Shape& shape = input.shape();
  const kernels::RowLayout layout = softmax_layout(shape, dim);
  if (!is_floating_point(input.dtype()) || is_float8(input.dtype())) {
    const bool last = layout.inner <= 1;
    fail('"', function == Function::softmax ? "softmax" : "log_softmax", last ? "_lastdim" : "",
         "_kernel_impl\" not implemented for '", scalar_type(input.dtype()), "'");
  }
  if (input.dtype() == DType::float64) {
    Tensor result = Tensor::uninitialized(input.spec());
    run<double>(function, layout, input, result);
    return result;
  }
  Tensor result = to(input, DType::float32);
  run<float>(function, layout, result, result);
  if (input.dtype() == DType::float32) return result;
  return to(result, input.dtype());
}

// `shape` is what the text calls for: "expected weight [out_features, in_features], …".
void require_rank(std::string_view name, std::string_view shape, ConstTensorView tensor,
                  std::size_t rank) {
  if (tensor.dtype() != DType::float32) {
    fail("expected ", name, " of float32, got ", tensor.dtype());
  }
  if (tensor.shape().rank() != rank) {
    fail("expected ", name, " ", shape, ", got ", tensor.shape());
  }
}

}  // namespace

Tensor softmax(ConstTensorView input, std::optional<std::int64_t> dim, std::optional<DType> dtype) {
  return probabilities(Function::softmax, input, dim, dtype);
}

Tensor log_softmax(ConstTensorView input, std::optional<std::int64_t> dim,
                   std::optional<DType> dtype) {
  return probabilities(Function::log_softmax, input, dim, dtype);
}

Tensor relu(ConstTensorView input) { return nn::apply(ReLU{}, input); }

Tensor leaky_relu(ConstTensorView input, double negative_slope) {
  return nn::apply(LeakyReLU({.negative_slope = negative_slope}), input);
}

Tensor gelu(ConstTensorView input, const std::string& approximate) {
  return nn::apply(GELU({.approximate = approximate}), input);
}

Tensor silu(ConstTensorView input) { return nn::apply(SiLU{}, input); }
Tensor elu(ConstTensorView input, double alpha) { return nn::apply(ELU({.alpha = alpha}), input); }
Tensor selu(ConstTensorView input) { return nn::apply(SELU{}, input); }
Tensor celu(ConstTensorView input, double alpha) {
  return nn::apply(CELU({.alpha = alpha}), input);
}
Tensor relu6(ConstTensorView input) { return nn::apply(ReLU6{}, input); }
Tensor hardtanh(ConstTensorView input, double min_val, double max_val) {
  return nn::apply(Hardtanh({.min_val = min_val, .max_val = max_val}), input);
}
Tensor hardsigmoid(ConstTensorView input) { return nn::apply(Hardsigmoid{}, input); }
Tensor hardswish(ConstTensorView input) { return nn::apply(Hardswish{}, input); }
Tensor softplus(ConstTensorView input, double beta, double threshold) {
  return nn::apply(Softplus({.beta = beta, .threshold = threshold}), input);
}
Tensor softsign(ConstTensorView input) { return nn::apply(Softsign{}, input); }
Tensor mish(ConstTensorView input) { return nn::apply(Mish{}, input); }
Tensor logsigmoid(ConstTensorView input) { return nn::apply(LogSigmoid{}, input); }

Tensor sigmoid(ConstTensorView input) { return nn::apply(Sigmoid{}, input); }

Tensor tanh(ConstTensorView input) { return nn::apply(Tanh{}, input); }

Tensor max_pool2d(ConstTensorView input, IntPair kernel_size, std::optional<IntPair> stride,
                  IntPair padding, IntPair dilation, bool ceil_mode) {
  return nn::apply(MaxPool2d({.kernel_size = kernel_size,
                              .stride = stride.value_or(kernel_size),
                              .padding = padding,
                              .dilation = dilation,
                              .ceil_mode = ceil_mode}),
                   input);
}

ValuesAndIndices max_pool2d_with_indices(ConstTensorView input, IntPair kernel_size,
                                         std::optional<IntPair> stride, IntPair padding,
                                         IntPair dilation, bool ceil_mode) {
  std::vector<Tensor> results = nn::apply(MaxPool2d({.kernel_size = kernel_size,
                                                     .stride = stride.value_or(kernel_size),
                                                     .padding = padding,
                                                     .dilation = dilation,
                                                     .return_indices = true,
                                                     .ceil_mode = ceil_mode}),
                                          std::span<const ConstTensorView>(&input, 1));
  return {std::move(results[0]), std::move(results[1])};
}

Tensor avg_pool2d(ConstTensorView input, IntPair kernel_size, std::optional<IntPair> stride,
                  IntPair padding, bool ceil_mode, bool count_include_pad,
                  std::optional<std::int64_t> divisor_override) {
  return nn::apply(AvgPool2d({.kernel_size = kernel_size,
                              .stride = stride.value_or(kernel_size),
                              .padding = padding,
                              .ceil_mode = ceil_mode,
                              .count_include_pad = count_include_pad,
                              .divisor_override = divisor_override}),
                   input);
}

Tensor adaptive_avg_pool2d(ConstTensorView input, AdaptiveAvgPool2d::OutputSize output_size) {
  return nn::apply(AdaptiveAvgPool2d({.output_size = output_size}), input);
}

Tensor flatten(ConstTensorView input, std::int64_t start_dim, std::int64_t end_dim) {
  return nn::apply(Flatten({.start_dim = start_dim, .end_dim = end_dim}), input);
}

Tensor reshape(ConstTensorView input, const std::vector<std::int64_t>& shape) {
  return nn::apply(Reshape({.shape = shape}), input);
}

Tensor add(ConstTensorView input, ConstTensorView other, double alpha) {
  return nn::apply(Add({.alpha = alpha}), {input, other});
}

Tensor mul(ConstTensorView input, ConstTensorView other) {
  return nn::apply(Mul{}, {input, other});
}

Tensor cat(std::span<const ConstTensorView> tensors, std::int64_t dim) {
  return std::move(nn::apply(Concat({.dim = dim}), tensors)[0]);
}

Tensor cat(std::initializer_list<ConstTensorView> tensors, std::int64_t dim) {
  return cat(std::span<const ConstTensorView>(tensors.begin(), tensors.size()), dim);
}

Tensor dropout(ConstTensorView input, double p) { return nn::apply(Dropout({.p = p}), input); }

namespace {

// What PyTorch makes of no input channels: an output without channels.
Tensor conv2d_of_no_channels(ConstTensorView input, const Shape& weight,
                             const Conv2dOptions& options) {
  const Shape& in = input.shape();
  if (in.rank() < 3 || in[in.rank() - 3] != 0) {
    fail("Given groups=", options.groups, ", weight of size ", weight, ", expected input", in,
         " to have 0 channels");
  }
  const Conv2d sizes({.in_channels = 1,
                      .out_channels = 1,
                      .kernel_size = {weight[2], weight[3]},
                      .stride = options.stride,
                      .padding = options.padding,
                      .dilation = options.dilation});
  const Shape out = sizes.output_shape(in.with(in.rank() - 3, 1));
  return Tensor(out.with(out.rank() - 3, 0));
}

}  // namespace

Tensor conv2d(ConstTensorView input, ConstTensorView weight, std::optional<ConstTensorView> bias,
              const Conv2dOptions& options) {
  require_rank("weight", "[out_channels, in_channels / groups, kernel_h, kernel_w]", weight, 4);
  const Shape& shape = weight.shape();
  if (options.groups <= 0) fail("non-positive groups is not supported");
  if (shape[0] < options.groups) {
    fail("Given groups=", options.groups, ", expected weight to be at least ", options.groups,
         " at dimension 0, but got weight of size ", shape, " instead");
  }
  if (shape[0] % options.groups != 0) {
    fail("Given groups=", options.groups, ", expected weight to be divisible by ", options.groups,
         " at dimension 0, but got weight of size ", shape, " instead");
  }
  if (bias && bias->shape() != Shape{shape[0]}) {
    fail("Given weight of size ", shape, ", expected bias to be 1-dimensional with ", shape[0],
         " elements, but got bias of size ", bias->shape(), " instead");
  }
  if (shape[1] == 0) return conv2d_of_no_channels(input, shape, options);
  Conv2d layer({.in_channels = Shape{shape[1], options.groups}.numel(),
                .out_channels = shape[0],
                .kernel_size = {shape[2], shape[3]},
                .stride = options.stride,
                .padding = options.padding,
                .dilation = options.dilation,
                .groups = options.groups,
                .bias = bias.has_value()});
  layer.weight = Tensor::copy_of(weight);
  if (bias) layer.bias = Tensor::copy_of(*bias);
  return nn::apply(std::move(layer), input);
}

Tensor linear(ConstTensorView input, ConstTensorView weight, std::optional<ConstTensorView> bias) {
  require_rank("weight", "[out_features, in_features]", weight, 2);
  Linear layer({.in_features = weight.shape()[1],
                .out_features = weight.shape()[0],
                .bias = bias.has_value()});
  layer.weight = Tensor::copy_of(weight);
  if (bias) {
    if (bias->shape() != layer.bias.shape()) {
      fail("expected bias ", layer.bias.shape(), ", got ", bias->shape());
    }
    layer.bias = Tensor::copy_of(*bias);
  }
  return nn::apply(std::move(layer), input);
}

namespace {

template <class Layer>
Tensor batch_norm_by(ConstTensorView input, ConstTensorView running_mean,
                     ConstTensorView running_var, std::optional<ConstTensorView> weight,
                     std::optional<ConstTensorView> bias, double eps) {
  const std::int64_t channels = input.shape()[1];
  const auto value_of = [channels](std::string_view name, ConstTensorView value) {
    require_rank(name, "[C]", value, 1);
    if (value.shape()[0] != channels) {
      fail(name, " should contain ", channels, " elements not ", value.shape()[0]);
    }
    return Tensor::copy_of(value);
  };
  const bool affine = weight || bias;
  Layer layer({.num_features = channels, .eps = eps, .affine = affine, .bias = bias.has_value()});
  layer.running_mean = value_of("running_mean", running_mean);
  layer.running_var = value_of("running_var", running_var);
  if (weight) {
    layer.weight = value_of("weight", *weight);
  } else if (affine) {
    Tensor ones(Shape{channels});
    std::ranges::fill(ones.f32(), 1.0F);
    layer.weight = std::move(ones);
  }
  if (bias) layer.bias = value_of("bias", *bias);
  return nn::apply(std::move(layer), input);
}

}  // namespace

Tensor batch_norm(ConstTensorView input, ConstTensorView running_mean, ConstTensorView running_var,
                  std::optional<ConstTensorView> weight, std::optional<ConstTensorView> bias,
                  double eps) {
  const std::size_t rank = input.shape().rank();
  if (rank < 2 || rank > 4) {
    fail("expected 2D, 3D or 4D input (got ", rank, "D input)");
  }
  if (rank == 4) {
    return batch_norm_by<BatchNorm2d>(input, running_mean, running_var, weight, bias, eps);
  }
  return batch_norm_by<BatchNorm1d>(input, running_mean, running_var, weight, bias, eps);
}

}  // namespace nn::functional
