// The table's rows for convolution, pooling, normalisation and linear layers.
#include <algorithm>
#include <array>

#include <nn/import/common_layers.h>
#include <nn/import/onnx_step.h>
#include <nn/layers/adaptive_avg_pool2d.h>
#include <nn/layers/add.h>
#include <nn/layers/avg_pool2d.h>
#include <nn/layers/matmul.h>
#include <nn/layers/max_pool2d.h>
#include <nn/layers/reduce.h>
#include <nn/layers/transpose.h>

namespace nn {
namespace {

// A pair of an attribute of two numbers.
IntPair pair(const OnnxStep& step, std::string_view attribute, std::int64_t otherwise) {
  const auto values = step.integers(attribute, {otherwise, otherwise});
  if (values.size() != 2) {
    fail("attribute '", attribute, "' has ", values.size(),
         " numbers, expected 2: pictures have a "
         "height and a width");
  }
  return {values[0], values[1]};
}

// [top, left, bottom, right]
std::array<std::int64_t, 4> pads_of(const OnnxStep& step) {
  const auto values = step.integers("pads", {0, 0, 0, 0});
  if (values.size() != 4) {
    fail("attribute 'pads' has ", values.size(), " numbers, expected 4: top, left, bottom, right");
  }
  for (const std::int64_t pad : values) {
    if (pad < 0) fail("attribute 'pads' holds ", pad, ", expected no negative padding");
  }
  return {values[0], values[1], values[2], values[3]};
}

std::string auto_pad_of(const OnnxStep& step) {
  std::string way = step.text("auto_pad", "NOTSET");
  const bool known =
      way == "NOTSET" || way == "VALID" || way == "SAME_UPPER" || way == "SAME_LOWER";
  if (!known)
    fail("attribute 'auto_pad' is '", printable(way), "', expected NOTSET, VALID or SAME_…");
  return way;
}

// Padding that both sides share.
IntPair even_padding(const OnnxStep& step, const IntPair& kernel, const IntPair& stride,
                     const IntPair& dilation) {
  const std::string way = auto_pad_of(step);
  if (way == "VALID") return 0;
  if (way == "NOTSET") {
    const auto pads = pads_of(step);
    if (pads[0] != pads[2] || pads[1] != pads[3]) {
      fail("attribute 'pads' is [", pads[0], ", ", pads[1], ", ", pads[2], ", ", pads[3],
           "]: padding that differs between two sides is not supported here");
    }
    return {pads[0], pads[1]};
  }
  // As large an output as the input, with the stride's share of it: even where the windows are odd
  // and the stride is 1.
  const std::int64_t h = dilation.h * (kernel.h - 1), w = dilation.w * (kernel.w - 1);
  if (stride.h != 1 || stride.w != 1 || h % 2 != 0 || w % 2 != 0) {
    fail("attribute 'auto_pad' is '", way, "': supported for odd windows of stride 1");
  }
  return {h / 2, w / 2};
}

void conv(OnnxStep& step) {
  const auto& weight = step.weight(1);
  const Shape& shape = weight->shape();
  if (shape.rank() != 4) {
    fail("the weight is ", shape, ", expected [out, in, height, width]: convolutions of pictures");
  }
  const IntPair kernel{shape[2], shape[3]};
  if (step.has("kernel_shape") &&
      step.integers("kernel_shape") != std::vector{shape[2], shape[3]}) {
    fail("attribute 'kernel_shape' is not that of the weight, ", shape);
  }
  const std::int64_t groups = step.integer("group", 1);
  const IntPair stride = pair(step, "strides", 1), dilation = pair(step, "dilations", 1);
  step.give(conv2d_of(weight, step.gives(2) ? step.weight(2) : nullptr,
                      {.stride = stride,
                       .padding = even_padding(step, kernel, stride, dilation),
                       .dilation = dilation,
                       .groups = groups}),
            {step.input(0)});
}

void max_pool(OnnxStep& step) {
  const IntPair kernel = pair(step, "kernel_shape", 0), stride = pair(step, "strides", 1),
                dilation = pair(step, "dilations", 1);
  if (step.integer("storage_order", 0) != 0 && step.wants(1)) {
    fail("attribute 'storage_order' is 1, expected rows first");
  }
  step.give(MaxPool2d({.kernel_size = kernel,
                       .stride = stride,
                       .padding = even_padding(step, kernel, stride, dilation),
                       .dilation = dilation,
                       .ceil_mode = step.integer("ceil_mode", 0) != 0}),
            {step.input(0)});
}

void average_pool(OnnxStep& step) {
  const IntPair kernel = pair(step, "kernel_shape", 0), stride = pair(step, "strides", 1);
  step.give(AvgPool2d({.kernel_size = kernel,
                       .stride = stride,
                       .padding = even_padding(step, kernel, stride, 1),
                       .ceil_mode = step.integer("ceil_mode", 0) != 0,
                       .count_include_pad = step.integer("count_include_pad", 0) != 0}),
            {step.input(0)});
}

void global_average_pool(OnnxStep& step) {
  step.give(AdaptiveAvgPool2d({.output_size = 1}), {step.input(0)});
}

void global_max_pool(OnnxStep& step) {
  step.give(Reduce({.op = Reduce::Op::amax, .dims = {-2, -1}, .keepdim = true}), {step.input(0)});
}

void batch_normalization(OnnxStep& step) {
  if (step.integer("training_mode", 0) != 0) {
    fail("attribute 'training_mode' is 1: export the model after model.eval()");
  }
  step.give(batch_norm_of(step.weight(1), step.weight(2), step.weight(3), step.weight(4),
                          step.number("epsilon", 1e-5)),
            {step.input(0)});
}

// y = alpha A' B' + beta C
void gemm(OnnxStep& step) {
  const bool a_transposed = step.integer("transA", 0) != 0;
  const bool b_transposed = step.integer("transB", 0) != 0;
  const double alpha = step.number("alpha", 1), beta = step.number("beta", 1);
  const Operand a = a_transposed ? step.between(Transpose({.dim0 = 0, .dim1 = 1}), {step.input(0)})
                                 : step.input(0);
  const Operand b = step.input(1);
  const bool bias_fits = !step.gives(2) || (step.input(2).known() && beta == 1 &&
                                            step.input(2).constant->shape().rank() == 1);
  if (b.known() && b.constant->shape().rank() == 2 && alpha == 1 && bias_fits) {
    const auto weight = b_transposed ? b.constant : transposed(b.constant);
    const Shape& shape = weight->shape();
    const bool whole = !step.gives(2) || step.input(2).constant->numel() == shape[0];
    if (whole) {
      const auto bias = step.gives(2) ? step.input(2).constant : nullptr;
      return step.give(linear_of(weight, bias), {a});
    }
  }
  if (alpha != 1 || (step.gives(2) && beta != 1)) {
    fail("alpha ", alpha, " and beta ", beta, ", expected 1 and 1");
  }
  const Operand right = b_transposed ? step.between(Transpose({.dim0 = 0, .dim1 = 1}), {b}) : b;
  if (!step.gives(2)) return step.give(MatMul{}, {a, right});
  step.give(Add{}, {step.between(MatMul{}, {a, right}), step.input(2)});
}

void matmul(OnnxStep& step) {
  const Operand a = step.input(0), b = step.input(1);
  if (!a.known() && b.known() && b.constant->shape().rank() == 2) {
    return step.give(linear_of(transposed(b.constant), nullptr), {a});
  }
  step.give(MatMul{}, {a, b});
}

constexpr std::array rows{
    OnnxOperator{"Conv", conv},
    OnnxOperator{"MaxPool", max_pool},
    OnnxOperator{"AveragePool", average_pool},
    OnnxOperator{"GlobalAveragePool", global_average_pool},
    OnnxOperator{"GlobalMaxPool", global_max_pool},
    OnnxOperator{"BatchNormalization", batch_normalization},
    OnnxOperator{"Gemm", gemm},
    OnnxOperator{"MatMul", matmul},
};

}  // namespace

std::span<const OnnxOperator> onnx_layer_operators() { return rows; }

}  // namespace nn
