// The table's rows for pooling.
#include <array>
#include <limits>

#include <nn/import/common_layers.h>
#include <nn/import/onnx_step.h>
#include <nn/import/onnx_windows.h>
#include <nn/layers/adaptive_avg_pool2d.h>
#include <nn/layers/avg_pool2d.h>
#include <nn/layers/binary.h>
#include <nn/layers/max_pool2d.h>
#include <nn/layers/pool.h>
#include <nn/layers/reduce.h>
#include <nn/layers/squeeze.h>
#include <nn/layers/unary.h>
#include <nn/layers/unsqueeze.h>

namespace nn {
namespace {

// The layer for windows whose padding is known: PyTorch's where it has these.
Module pool_of(const OnnxWindows& w, const Pool::Options& o, bool floats) {
  bool pytorch = w.rank() == 2 && w.even() && floats;
  for (std::size_t i = 0; i < w.rank(); ++i) {
    pytorch = pytorch && 2 * w.before[i] <= w.kernel[i];
    if (o.op != Pool::Op::max) pytorch = pytorch && w.dilation[i] == 1;
  }
  const auto pair = [](const std::vector<std::int64_t>& v) { return IntPair(v[0], v[1]); };
  if (pytorch && o.op == Pool::Op::max) {
    return MaxPool2d({.kernel_size = pair(w.kernel),
                      .stride = pair(w.stride),
                      .padding = pair(w.before),
                      .dilation = pair(w.dilation),
                      .ceil_mode = o.ceil_mode});
  }
  if (pytorch && o.op == Pool::Op::average) {
    return AvgPool2d({.kernel_size = pair(w.kernel),
                      .stride = pair(w.stride),
                      .padding = pair(w.before),
                      .ceil_mode = o.ceil_mode,
                      .count_include_pad = o.count_include_pad});
  }
  Pool::Options options = o;
  options.kernel_size = w.kernel;
  options.stride = w.stride;
  options.before = w.before;
  options.behind = w.behind;
  options.dilation = w.dilation;
  return Pool(options);
}

void pool(OnnxStep& step, Pool::Options options) {
  if (!step.has("kernel_shape")) fail("attribute 'kernel_shape' is missing");
  const OnnxWindows windows = windows_of(step, step.integers("kernel_shape"));
  options.ceil_mode = step.integer("ceil_mode", 0) != 0;
  const Operand x = step.input(0);
  const bool floats = x.dtype() == DType::float32;
  if (!windows.depends_on_sizes) return step.give(pool_of(windows, options, floats), {x});
  const auto make = [=](std::span<const Deferred::Argument> arguments) {
    return pool_of(windows.resolved(arguments[0].integers()), options, floats);
  };
  step.give({x},
            {.kind = std::string(Pool({.op = options.op,
                                       .kernel_size = {1},
                                       .stride = {1},
                                       .before = {0},
                                       .behind = {0},
                                       .dilation = {1}})
                                     .kind()),
             .make = make},
            {step.sizes_of(x)});
}

void max_pool(OnnxStep& step) {
  if (step.wants(1)) fail("output 1, the places of the largest elements, is not supported");
  pool(step, {.op = Pool::Op::max});
}

void average_pool(OnnxStep& step) {
  pool(step,
       {.op = Pool::Op::average, .count_include_pad = step.integer("count_include_pad", 0) != 0});
}

void lp_pool(OnnxStep& step) {
  pool(step, {.op = Pool::Op::lp, .p = static_cast<double>(step.integer("p", 2))});
}

std::vector<std::int64_t> dims_behind_channels(std::span<const Deferred::Argument> arguments) {
  std::vector<std::int64_t> dims;
  const std::size_t rank = arguments[0].integers().size();
  if (rank < 3) fail("expected an input of 3 or more dimensions, got ", rank);
  for (std::size_t i = 2; i < rank; ++i) dims.push_back(static_cast<std::int64_t>(i));
  return dims;
}

// All behind the channels as one window.
template <Reduce::Op op>
Deferred::Options global(std::string kind) {
  return {.kind = std::move(kind), .make = [](std::span<const Deferred::Argument> arguments) {
            const auto dims = dims_behind_channels(arguments);
            if (op == Reduce::Op::mean && dims.size() == 2) {
              return Module(AdaptiveAvgPool2d({.output_size = 1}));
            }
            return Module(Reduce({.op = op, .dims = dims, .keepdim = true}));
          }};
}

void global_average_pool(OnnxStep& step) {
  const Operand x = step.input(0);
  step.give({x}, global<Reduce::Op::mean>("AdaptiveAvgPool2d"), {step.sizes_of(x)});
}

void global_max_pool(OnnxStep& step) {
  const Operand x = step.input(0);
  step.give({x}, global<Reduce::Op::amax>("amax"), {step.sizes_of(x)});
}

void global_lp_pool(OnnxStep& step) {
  const auto p = static_cast<double>(step.integer("p", 2));
  if (!(p > 0)) fail("attribute 'p' is ", p, ", expected a positive number");
  const Operand x = step.input(0);
  const Operand powers = step.between(Binary(Binary::Op::pow),
                                      {step.between(Unary(Unary::Op::abs), {x}), number_of(p)});
  const Operand sum = step.between({powers}, global<Reduce::Op::sum>("sum"), {step.sizes_of(x)});
  step.give(Binary(Binary::Op::pow), {sum, number_of(1 / p)});
}

// y = x / (bias + alpha / size · the squares of `size` neighbouring channels)^beta
void local_response(OnnxStep& step) {
  const std::int64_t size = step.integer("size", 0);
  if (size < 1) fail("attribute 'size' is ", size, ", expected a positive number");
  const double alpha = step.number("alpha", 0.0001), beta = step.number("beta", 0.75);
  const Operand x = step.input(0);
  // [N, C, H, W] -> [N, 1, C, H, W], where the channels are a dimension of windows
  const Operand squares =
      step.between(Unsqueeze({.dim = 1}), {step.between(mul_of(x.dtype()), {x, x})});
  const Operand means = step.between(Pool({.op = Pool::Op::average,
                                           .kernel_size = {size, 1, 1},
                                           .stride = {1, 1, 1},
                                           .before = {(size - 1) / 2, 0, 0},
                                           .behind = {size / 2, 0, 0},
                                           .dilation = {1, 1, 1},
                                           .count_include_pad = true}),
                                     {squares});
  const std::vector<std::int64_t> added{1};
  const Operand scaled = step.between(
      mul_of(x.dtype()), {step.between(Squeeze({.dims = added}), {means}), number_of(alpha)});
  const Operand base = step.between(add_of(x.dtype()), {scaled, number_of(step.number("bias", 1))});
  step.give(Binary(Binary::Op::div),
            {x, step.between(Binary(Binary::Op::pow), {base, number_of(beta)})});
}

constexpr std::array rows{
    OnnxOperator{"MaxPool", max_pool},
    OnnxOperator{"AveragePool", average_pool},
    OnnxOperator{"LpPool", lp_pool},
    OnnxOperator{"GlobalAveragePool", global_average_pool},
    OnnxOperator{"GlobalMaxPool", global_max_pool},
    OnnxOperator{"GlobalLpPool", global_lp_pool},
    OnnxOperator{"LRN", local_response},
};

}  // namespace

std::span<const OnnxOperator> onnx_pool_operators() { return rows; }

}  // namespace nn
