// The table's rows for activations and softmax.
#include <array>
#include <cmath>

#include <nn/import/common_layers.h>
#include <nn/import/onnx_step.h>
#include <nn/layers/activations.h>
#include <nn/layers/arg_max.h>
#include <nn/layers/binary.h>
#include <nn/layers/cast.h>
#include <nn/layers/constant.h>
#include <nn/layers/flatten.h>
#include <nn/layers/from_dim.h>
#include <nn/layers/gelu.h>
#include <nn/layers/leaky_relu.h>
#include <nn/layers/log_softmax.h>
#include <nn/layers/prelu.h>
#include <nn/layers/relu.h>
#include <nn/layers/reshape.h>
#include <nn/layers/sigmoid.h>
#include <nn/layers/silu.h>
#include <nn/layers/softmax.h>
#include <nn/layers/tanh.h>
#include <nn/layers/where.h>

namespace nn {
namespace {

using B = Binary::Op;
using Arguments = std::span<const Deferred::Argument>;

// Of one formula without arguments.
template <class Layer>
void plain(OnnxStep& step) {
  step.give(Layer{}, {step.input(0)});
}

// A number of x's element type.
Operand number_like(const Operand& x, double value) {
  return x.dtype() == DType::float32 ? number_of(value)
                                     : integer_of(static_cast<std::int64_t>(value));
}

void relu(OnnxStep& step) {
  const Operand x = step.input(0);
  if (x.dtype() == DType::float32) return step.give(ReLU{}, {x});
  step.give(Binary(B::maximum), {x, integer_of(0)});
}

void leaky_relu(OnnxStep& step) {
  step.give(LeakyReLU({.negative_slope = step.number("alpha", 0.01)}), {step.input(0)});
}

void elu(OnnxStep& step) { step.give(ELU({.alpha = step.number("alpha", 1)}), {step.input(0)}); }

void celu(OnnxStep& step) { step.give(CELU({.alpha = step.number("alpha", 1)}), {step.input(0)}); }

// gamma x where x > 0, else gamma alpha (e^x - 1)
void selu(OnnxStep& step) {
  constexpr double its_alpha = 1.67326319217681884765625, its_gamma = 1.05070102214813232421875;
  const double alpha = step.number("alpha", its_alpha), gamma = step.number("gamma", its_gamma);
  if (std::fabs(alpha - its_alpha) < 1e-6 && std::fabs(gamma - its_gamma) < 1e-6) {
    return step.give(SELU{}, {step.input(0)});
  }
  const Operand unscaled = step.between(ELU({.alpha = alpha}), {step.input(0)});
  step.give(mul_of(DType::float32), {unscaled, number_of(gamma)});
}

void gelu(OnnxStep& step) {
  step.give(GELU({.approximate = step.text("approximate", "none")}), {step.input(0)});
}

// min(max(alpha x + beta, 0), 1)
void hard_sigmoid(OnnxStep& step) {
  const double alpha = step.number("alpha", 0.2), beta = step.number("beta", 0.5);
  if (std::fabs(alpha - 1.0 / 6) < 1e-7 && beta == 0.5) {
    return step.give(Hardsigmoid{}, {step.input(0)});
  }
  const Operand scaled = step.between(mul_of(DType::float32), {step.input(0), number_of(alpha)});
  const Operand moved = step.between(add_of(DType::float32), {scaled, number_of(beta)});
  step.give(Clamp({.min = 0, .max = 1}), {moved});
}

// x where x > alpha, else 0
void thresholded_relu(OnnxStep& step) {
  const Operand x = step.input(0);
  const Operand above = step.between(Binary(B::gt), {x, number_of(step.number("alpha", 1))});
  step.give(Where{}, {above, x, number_of(0)});
}

// x + bias below -lambd, x - bias above lambd, else 0
void shrink(OnnxStep& step) {
  const Operand x = step.input(0);
  const double lambd = step.number("lambd", 0.5), bias = step.number("bias", 0);
  const Operand low = step.between(Binary(B::lt), {x, number_like(x, -lambd)});
  const Operand high = step.between(Binary(B::gt), {x, number_like(x, lambd)});
  const Operand raised = step.between(add_of(x.dtype()), {x, number_like(x, bias)});
  const Operand lowered = step.between(Binary(B::sub), {x, number_like(x, bias)});
  const Operand inner = step.between(Where{}, {high, lowered, number_like(x, 0)});
  step.give(Where{}, {low, raised, inner});
}

// x sigmoid(alpha x)
void swish(OnnxStep& step) {
  const Operand x = step.input(0);
  const double alpha = step.number("alpha", 1);
  if (alpha == 1) return step.give(SiLU{}, {x});
  const Operand scaled = step.between(mul_of(x.dtype()), {x, number_of(alpha)});
  step.give(mul_of(x.dtype()), {x, step.between(Sigmoid{}, {scaled})});
}

// Is the slope one for each channel, of shape [C, 1, 1], or one for all?
bool is_of_channels(const Tensor& slope) {
  const Shape& shape = slope.shape();
  return slope.numel() == 1 || (shape.rank() >= 3 && slope.numel() == shape[0]);
}

void prelu(OnnxStep& step) {
  const Operand x = step.input(0), slope = step.input(1);
  if (slope.known() && is_of_channels(*slope.constant)) {
    const std::int64_t channels = slope.constant->numel();
    PReLU layer({.num_parameters = channels});
    layer.weight.assign(std::make_shared<const Tensor>(slope.constant->reshaped({channels})));
    return step.give(layer, {x});
  }
  const Operand negative = step.between(Binary(B::lt), {x, number_like(x, 0)});
  step.give(Where{}, {negative, step.between(mul_of(x.dtype()), {slope, x}), x});
}

// Bounds that are known and finite numbers are a layer's; others are compared with.
void clip(OnnxStep& step) {
  const Operand x = step.input(0);
  const bool by_input = step.opset() >= 11;
  const auto known = [&](std::size_t i) { return !step.gives(i) || step.input(i).known(); };
  const auto bound = [&](std::size_t i, std::string_view attribute, double otherwise) {
    if (!by_input) return step.number(attribute, otherwise);
    if (!step.gives(i)) return otherwise;
    const Tensor& value = *step.weight(i);
    if (value.numel() != 1) fail("input ", i, " is ", value.shape(), ", expected one number");
    return static_cast<double>(to(value, DType::float32).f32()[0]);
  };
  constexpr double most = std::numeric_limits<double>::infinity();
  if (x.dtype() == DType::float32 && known(1) && known(2)) {
    const double low = bound(1, "min", -most), high = bound(2, "max", most);
    if (low == 0 && high == 6) return step.give(ReLU6{}, {x});
    return step.give(Clamp({.min = low, .max = high}), {x});
  }
  if (!step.gives(1) && !step.gives(2)) return step.give(x);
  if (!step.gives(2)) return step.give(Binary(B::maximum), {x, step.input(1)});
  const Operand above = step.gives(1) ? step.between(Binary(B::maximum), {x, step.input(1)}) : x;
  step.give(Binary(B::minimum), {above, step.input(2)});
}

// Before opset 13 all dimensions from the axis on are one. `layer` gives what stands along a dim.
template <class Layer>
void along_axis(OnnxStep& step, const Layer& layer) {
  const Operand x = step.input(0);
  const bool one_dim = step.opset() >= 13;
  const std::int64_t axis = step.integer("axis", one_dim ? -1 : 1);
  if (one_dim || axis == -1) return step.give(layer(x, axis));
  // [a, b, c, d] with axis 1 -> [a, b c d] -> as it was
  const Operand flat = step.between(Flatten({.start_dim = axis, .end_dim = -1}), {x});
  const auto back = [](Arguments arguments) {
    const auto n = arguments[0].integers();
    std::vector<std::int64_t> shape(n.begin(), n.end());
    if (!shape.empty() && arguments[0].follows_rows[0]) shape[0] = -1;
    return Module(Reshape({.shape = shape}));
  };
  step.give({layer(flat, -1)}, {.kind = "Reshape", .make = back}, {step.sizes_of(x)});
}

template <class Layer>
void softmax(OnnxStep& step) {
  const std::int64_t axis = step.integer("axis", -1);
  if (step.opset() >= 13 || (step.has("axis") && axis == -1)) {
    return step.give(Layer({.dim = axis}), {step.input(0)});
  }
  // Before opset 13 all dimensions from the axis on are one: no matter where the axis is the last.
  const std::int64_t from = step.integer("axis", 1);
  const auto make = [from](Arguments arguments) {
    const std::size_t rank = arguments[0].integers().size();
    const std::size_t first = normalize_dim(from, rank);
    if (first + 1 < rank) return Module(FromDim<Layer>({.start_dim = from}));
    return Module(Layer({.dim = static_cast<std::int64_t>(first)}));
  };
  const Operand x = step.input(0);
  step.give({x}, {.kind = std::string(Layer{}.kind()), .make = make}, {step.sizes_of(x)});
}

// 1 where the first largest stands, else 0
void hardmax(OnnxStep& step) {
  along_axis(step, [&](const Operand& x, std::int64_t dim) {
    const Operand place = step.between(ArgMax({.dim = dim, .keepdim = true}), {x});
    const auto make = [dim](Arguments arguments) {
      const auto sizes = arguments[0].integers();
      const std::size_t at = normalize_dim(dim, sizes.size());
      std::vector<std::int64_t> numbers(static_cast<std::size_t>(sizes[at]));
      for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
      std::vector<std::int64_t> shape(sizes.size() - at, 1);
      shape[0] = sizes[at];
      return Module(Constant(Tensor::from(std::span<const std::int64_t>(numbers), Shape(shape))));
    };
    const Operand places = step.between({}, {.kind = "Constant", .inputs = 0, .make = make},
                                        {step.sizes_of(x)}, DType::int64);
    const Operand is_it = step.between(Binary(B::eq), {places, place});
    return step.between(Cast({.dtype = x.dtype()}), {is_it});
  });
}

constexpr std::array rows{
    OnnxOperator{"Relu", relu},
    OnnxOperator{"Sigmoid", plain<Sigmoid>},
    OnnxOperator{"Tanh", plain<Tanh>},
    OnnxOperator{"LeakyRelu", leaky_relu},
    OnnxOperator{"PRelu", prelu},
    OnnxOperator{"Elu", elu},
    OnnxOperator{"Celu", celu},
    OnnxOperator{"Selu", selu},
    OnnxOperator{"Gelu", gelu},
    OnnxOperator{"HardSigmoid", hard_sigmoid},
    OnnxOperator{"HardSwish", plain<Hardswish>},
    OnnxOperator{"Mish", plain<Mish>},
    OnnxOperator{"Softplus", plain<Softplus>},
    OnnxOperator{"Softsign", plain<Softsign>},
    OnnxOperator{"Swish", swish},
    OnnxOperator{"ThresholdedRelu", thresholded_relu},
    OnnxOperator{"Shrink", shrink},
    OnnxOperator{"Clip", clip},
    OnnxOperator{"Softmax", softmax<Softmax>},
    OnnxOperator{"LogSoftmax", softmax<LogSoftmax>},
    OnnxOperator{"Hardmax", hardmax},
};

}  // namespace

std::span<const OnnxOperator> onnx_activation_operators() { return rows; }

}  // namespace nn
