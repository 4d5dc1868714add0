// The table's rows for convolutions and products.
#include <algorithm>
#include <array>

#include <nn/checked.h>
#include <nn/import/common_layers.h>
#include <nn/import/onnx_step.h>
#include <nn/import/onnx_windows.h>
#include <nn/layers/conv_transpose2d.h>
#include <nn/layers/matmul.h>
#include <nn/layers/pad.h>
#include <nn/layers/squeeze.h>
#include <nn/layers/transpose.h>
#include <nn/layers/unsqueeze.h>

namespace nn {
namespace {

// The sizes of a weight's windows: [out, in, *]
std::vector<std::int64_t> kernel_of(const OnnxStep& step, const Shape& weight) {
  std::vector<std::int64_t> kernel;
  for (std::size_t i = 2; i < weight.rank(); ++i) kernel.push_back(weight[i]);
  if (kernel.empty() || kernel.size() > 2) {
    fail("the weight is ", weight, ", expected 3 or 4 dimensions: convolutions along one or two");
  }
  if (step.has("kernel_shape") && step.integers("kernel_shape") != kernel) {
    fail("attribute 'kernel_shape' is not that of the weight, ", weight);
  }
  return kernel;
}

// A convolution along one dimension is one of pictures of height 1.
Values with_height(const Values& weight) {
  const Shape& shape = weight->shape();
  if (shape.rank() != 3) return weight;
  return std::make_shared<const Tensor>(weight->reshaped({shape[0], shape[1], 1, shape[2]}));
}

IntPair pair_of(const std::vector<std::int64_t>& numbers, std::int64_t of_height) {
  return numbers.size() == 1 ? IntPair(of_height, numbers[0]) : IntPair(numbers[0], numbers[1]);
}

// Gives the layer of pictures, between two that add and take the height where there is none.
void give_for_pictures(OnnxStep& step, const Module& layer, const Operand& x, std::size_t rank) {
  if (rank == 2) return step.give(layer, {x});
  const Operand high = step.between(Unsqueeze({.dim = 2}), {x});
  const std::array<std::int64_t, 1> dims{2};
  step.give(Squeeze({.dims = {dims.begin(), dims.end()}}), {step.between(layer, {high})});
}

// The layer, and x with what it does not pad itself.
Module conv_layer(OnnxStep& step, Operand& x, const Values& weight, const Values& bias) {
  const OnnxWindows windows = windows_of(step, kernel_of(step, weight->shape()));
  const std::int64_t groups = step.integer("group", 1);
  if (groups < 1 || weight->shape()[0] % groups != 0) {
    fail("attribute 'group' is ", groups, ", expected a divisor of the ", weight->shape()[0],
         " output channels");
  }
  if (!windows.even()) x = padded(step, x, windows, 0);
  const std::vector<std::int64_t> none(windows.rank(), 0);
  return conv2d_of(with_height(weight), bias,
                   {.stride = pair_of(windows.stride, 1),
                    .padding = pair_of(windows.even() ? windows.before : none, 0),
                    .dilation = pair_of(windows.dilation, 1),
                    .groups = groups});
}

void conv(OnnxStep& step) {
  const Values& weight = step.weight(1);
  const Values bias = step.gives(2) ? step.weight(2) : nullptr;
  Operand x = step.input(0);
  const Module layer = conv_layer(step, x, weight, bias);
  give_for_pictures(step, layer, x, weight->shape().rank() - 2);
}

// The output of ConvTranspose without padding is cut to what pads, output_shape or auto_pad leave.
struct TransposedCut {
  OnnxWindows windows;
  std::vector<std::int64_t> output_padding;
  std::vector<std::int64_t> output_shape;  // empty: told by auto_pad or pads
  bool same = false;

  // As Pad takes it, for an input of these sizes.
  std::vector<std::int64_t> pad(std::span<const std::int64_t> sizes) const {
    std::vector<std::int64_t> cut;
    for (std::size_t i = windows.rank(); i-- > 0;) {
      std::int64_t before = windows.before[i], behind = windows.behind[i];
      if (same || !output_shape.empty()) {
        const std::int64_t in = sizes[i + 2], stride = windows.stride[i];
        const std::int64_t whole = stride * (in - 1) + output_padding[i] +
                                   windows.dilation[i] * (windows.kernel[i] - 1) + 1;
        const std::int64_t total = whole - (output_shape.empty() ? in * stride : output_shape[i]);
        before = windows.same_upper && same ? total / 2 : total - total / 2;
        if (total < 0) before = 0;  // what is missing comes behind
        behind = total - before;
      }
      cut.push_back(-before);
      cut.push_back(-behind);
    }
    return cut;
  }
};

void conv_transpose(OnnxStep& step) {
  const Values weight = with_height(step.weight(1));
  const std::vector<std::int64_t> kernel = kernel_of(step, step.weight(1)->shape());
  const std::size_t rank = kernel.size();
  TransposedCut cut{windows_of(step, kernel),
                    step.integers("output_padding", std::vector<std::int64_t>(rank, 0)),
                    step.integers("output_shape"), auto_pad_of(step).starts_with("SAME")};
  if (cut.output_padding.size() != rank) {
    fail("attribute 'output_padding' has ", cut.output_padding.size(), " numbers, expected ", rank);
  }
  std::vector<std::int64_t>& shape = cut.output_shape;
  if (shape.size() == rank + 2) shape.erase(shape.begin(), shape.begin() + 2);
  if (!shape.empty() && shape.size() != rank) {
    fail("attribute 'output_shape' has ", shape.size(), " numbers, expected ", rank);
  }
  const std::int64_t groups = step.integer("group", 1);
  const auto out_channels = checked_multiply(weight->shape()[1], groups);
  if (groups < 1 || !out_channels) {
    fail("attribute 'group' is ", groups, ", expected a positive number");
  }
  const bool known = !cut.same && shape.empty();
  const bool direct = known && cut.windows.even();
  const std::vector<std::int64_t> none(rank, 0);
  ConvTranspose2d layer({.in_channels = weight->shape()[0],
                         .out_channels = *out_channels,
                         .kernel_size = {weight->shape()[2], weight->shape()[3]},
                         .stride = pair_of(cut.windows.stride, 1),
                         .padding = pair_of(direct ? cut.windows.before : none, 0),
                         .output_padding = pair_of(cut.output_padding, 0),
                         .groups = groups,
                         .bias = step.gives(2),
                         .dilation = pair_of(cut.windows.dilation, 1)});
  layer.weight.assign(weight);
  if (step.gives(2)) layer.bias.assign(step.weight(2));
  const Operand x = step.input(0);
  if (direct) return give_for_pictures(step, layer, x, rank);
  Operand y;
  if (rank == 2) {
    y = step.between(layer, {x});
  } else {
    const Operand high = step.between(layer, {step.between(Unsqueeze({.dim = 2}), {x})});
    const std::array<std::int64_t, 1> dims{2};
    y = step.between(Squeeze({.dims = {dims.begin(), dims.end()}}), {high});
  }
  if (known) return step.give(Pad({.pad = cut.pad({})}), {y});
  const auto make = [cut](std::span<const Deferred::Argument> arguments) {
    const auto sizes = arguments[0].integers();
    if (sizes.size() != cut.windows.rank() + 2) {
      fail("expected an input of ", cut.windows.rank() + 2, " dimensions, got ", sizes.size());
    }
    return Module(Pad({.pad = cut.pad(sizes)}));
  };
  step.give({y}, {.kind = "Pad", .make = make}, {step.sizes_of(x)});
}

// y = alpha A' B' + beta C
void gemm(OnnxStep& step) {
  const auto transpose = [&](bool wanted, const Operand& x) {
    return wanted ? step.between(Transpose({.dim0 = 0, .dim1 = 1}), {x}) : x;
  };
  const bool b_transposed = step.integer("transB", 0) != 0;
  const Operand a = transpose(step.integer("transA", 0) != 0, step.input(0)), b = step.input(1);
  const double alpha = step.number("alpha", 1), beta = step.number("beta", 1);
  const bool has_c = step.gives(2) && beta != 0;
  if (!a.known() && b.known() && b.constant->shape().rank() == 2 && alpha == 1) {
    const Values weight = b_transposed ? b.constant : transposed(b.constant);
    if (!has_c) return step.give(linear_of(weight, nullptr), {a});
    const Operand c = step.input(2);
    const bool is_bias = beta == 1 && c.known() && c.constant->shape() == Shape{weight->shape()[0]};
    if (is_bias) return step.give(linear_of(weight, c.constant), {a});
  }
  Operand y = step.between(MatMul{}, {a, transpose(b_transposed, b)});
  const auto times = [&](const Operand& x, double factor) {
    return factor == 1 ? x : step.between(mul_of(x.dtype()), {x, number_of(factor)});
  };
  y = times(y, alpha);
  if (!has_c) return step.give(y);
  step.give(add_of(y.dtype()), {y, times(step.input(2), beta)});
}

void matmul(OnnxStep& step) {
  const Operand a = step.input(0), b = step.input(1);
  if (!a.known() && b.known() && b.constant->shape().rank() == 2 && b.dtype() == DType::float32) {
    return step.give(linear_of(transposed(b.constant), nullptr), {a});
  }
  step.give(MatMul{}, {a, b});
}

constexpr std::array rows{
    OnnxOperator{"Conv", conv},
    OnnxOperator{"ConvTranspose", conv_transpose},
    OnnxOperator{"Gemm", gemm},
    OnnxOperator{"MatMul", matmul},
    OnnxOperator{"Einsum", import_einsum},
};

}  // namespace

Operand convolved_pictures(OnnxStep& step, const Operand& x, const Operand& weight,
                           const Values& bias) {
  if (!weight.known()) fail("the weight is computed from the graph's inputs, expected a constant");
  if (weight.constant->shape().rank() != 4) {
    fail("the weight is ", weight.constant->shape(), ", expected that of pictures, 4 dimensions");
  }
  Operand padded = x;
  const Module layer = conv_layer(step, padded, weight.constant, bias);
  return step.between(layer, {padded});
}

std::span<const OnnxOperator> onnx_layer_operators() { return rows; }

}  // namespace nn
