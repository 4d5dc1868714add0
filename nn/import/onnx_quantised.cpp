// The table's rows for quantised numbers, which are computed in float32 with the integers' values: what
// a file of 8-bit integers means comes out, at the speed of floats.
#include <algorithm>
#include <array>

#include <nn/import/common_layers.h>
#include <nn/import/onnx_step.h>
#include <nn/import/onnx_windows.h>
#include <nn/layers/activations.h>
#include <nn/layers/binary.h>
#include <nn/layers/cast.h>
#include <nn/layers/matmul.h>
#include <nn/layers/reduce.h>
#include <nn/layers/reshape.h>
#include <nn/layers/sizes_of.h>
#include <nn/layers/unary.h>

namespace nn {
namespace {

using B = Binary::Op;

// The integers of an input as float32, which holds those of 8 and 16 bits exactly.
Operand floats(OnnxStep& step, std::size_t i) {
  if (const Operand* const known = step.floats_of(i)) return *known;
  const Operand x = step.input(i);
  if (x.dtype() == DType::float32) return x;
  return step.between(Cast({.dtype = DType::float32}), {x});
}

// A scale or a zero point: one number, or one for each index of dimension `axis` of x.
Operand along(OnnxStep& step, const Operand& numbers, const Operand& x, std::int64_t axis) {
  const auto make = [axis](std::span<const Deferred::Argument> arguments) {
    const auto has = arguments[0].integers(), sizes = arguments[1].integers();
    if (std::ranges::all_of(has, [](std::int64_t size) { return size == 1; })) {
      return Module(Reshape({.shape = {}}));
    }
    if (has.size() != 1) {
      fail("a scale or zero point has ", has.size(),
           " dimensions, expected one number, or one for "
           "each index of a dimension: blocks are not supported");
    }
    std::vector<std::int64_t> wanted(sizes.size() - normalize_dim(axis, sizes.size()), 1);
    wanted[0] = has[0];
    return Module(Reshape({.shape = wanted}));
  };
  return step.between({numbers}, {.kind = "Reshape", .make = make},
                      {step.sizes_of(numbers), step.sizes_of(x)});
}

// x less its zero point, input i where it is given.
Operand centred(OnnxStep& step, const Operand& x, std::size_t i, std::int64_t axis) {
  if (!step.gives(i)) return x;
  return step.between(Binary(B::sub), {x, along(step, floats(step, i), x, axis)});
}

// What integers of this type hold.
Clamp bounds_of(DType dtype) {
  switch (dtype) {
    case DType::uint8:
      return Clamp({.min = 0, .max = 255});
    case DType::int8:
      return Clamp({.min = -128, .max = 127});
    case DType::uint16:
      return Clamp({.min = 0, .max = 65535});
    case DType::int16:
      return Clamp({.min = -32768, .max = 32767});
    default:
      fail("the quantised numbers are of ", dtype, ", expected 8- or 16-bit integers");
  }
}

// The element type of a zero point; of none `otherwise`.
DType type_of_zero_point(const OnnxStep& step, std::size_t i, DType otherwise) {
  if (!step.gives(i)) return otherwise;
  const auto told = step.input(i).told;
  if (!told) fail("the element type of input ", i, ", the zero point, is not told");
  return *told;
}

// Rounded, with halves to even, from the zero point, within the type: the result as integers.
void give_quantised(OnnxStep& step, const Operand& scaled, const std::optional<Operand>& zero_point,
                    DType dtype) {
  Operand y = step.between(Unary(Unary::Op::round), {scaled});
  if (zero_point) y = step.between(add_of(DType::float32), {y, *zero_point});
  y = step.between(bounds_of(dtype), {y});
  step.give_integers(y, dtype);
}

void quantize_linear(OnnxStep& step) {
  const Operand x = floats(step, 0);
  const std::int64_t axis = step.integer("axis", 1);
  DType otherwise = DType::uint8;
  if (const std::int64_t number = step.integer("output_dtype", 0); number != 0) {
    otherwise = step.type_of(number);
  }
  const Operand scaled = step.between(Binary(B::div), {x, along(step, floats(step, 1), x, axis)});
  std::optional<Operand> zero_point;
  if (step.gives(2)) zero_point = along(step, floats(step, 2), x, axis);
  give_quantised(step, scaled, zero_point, type_of_zero_point(step, 2, otherwise));
}

void dequantize_linear(OnnxStep& step) {
  const Operand x = floats(step, 0);
  const std::int64_t axis = step.integer("axis", 1);
  step.give(mul_of(DType::float32),
            {centred(step, x, 2, axis), along(step, floats(step, 1), x, axis)});
}

// uint8, so that the least and the largest number, and 0, come out.
void dynamic_quantize_linear(OnnxStep& step) {
  const Operand x = step.input(0);
  const auto bound = [&](Reduce::Op reduce, B with) {
    return step.between(Binary(with), {step.between(Reduce({.op = reduce}), {x}), number_of(0)});
  };
  const Operand least = bound(Reduce::Op::amin, B::minimum);
  const Operand most = bound(Reduce::Op::amax, B::maximum);
  const Operand range = step.between(Binary(B::sub), {most, least});
  const Operand scale = step.between(Binary(B::div), {range, number_of(255)});
  Operand zero = step.between(Binary(B::div), {least, scale});
  zero = step.between(Binary(B::sub), {number_of(0), zero});
  zero = step.between(Unary(Unary::Op::round), {step.between(bounds_of(DType::uint8), {zero})});
  if (step.wants(1)) step.give(scale, 1);
  step.give_integers(zero, DType::uint8, 2);
  give_quantised(step, step.between(Binary(B::div), {x, scale}), zero, DType::uint8);
}

// work(x), with integers of x that are too large for float32 to sum their products exactly taken as
// 16 high + low: exact for up to 4096 products with 8-bit integers.
template <class Work>
void give_exact_sums(OnnxStep& step, const Operand& x, Work work) {
  const Operand high = step.between(
      Unary(Unary::Op::floor), {step.between(mul_of(DType::float32), {x, number_of(1.0 / 16)})});
  const Operand taken = step.between(mul_of(DType::float32), {high, number_of(16)});
  const Operand low = step.between(Binary(B::sub), {x, taken});
  const auto integers = [&](const Operand& part) {
    return step.between(Cast({.dtype = DType::int64}), {work(part)});
  };
  const Operand sixteens = step.between(Binary(B::mul), {integers(high), integer_of(16)});
  Operand sum = step.between(Binary(B::add), {sixteens, integers(low)});
  sum.told = DType::int32;
  step.give(sum);
}

Operand product(OnnxStep& step, const Operand& a, const Operand& b) {
  if (!a.known() && b.known() && b.constant->shape().rank() == 2) {
    return step.between(linear_of(transposed(b.constant), nullptr), {a});
  }
  return step.between(MatMul{}, {a, b});
}

void matmul_integer(OnnxStep& step) {
  const Operand a = centred(step, floats(step, 0), 2, -2),
                b = centred(step, floats(step, 1), 3, -1);
  give_exact_sums(step, a, [&](const Operand& part) { return product(step, part, b); });
}

void conv_integer(OnnxStep& step) {
  const Operand x = centred(step, floats(step, 0), 2, 0);
  const Operand weight = centred(step, floats(step, 1), 3, 0);
  give_exact_sums(step, x, [&](const Operand& part) {
    return convolved_pictures(step, part, weight, nullptr);
  });
}

// sum · (scales of both factors / scale of the result), as the result's integers.
void give_requantised(OnnxStep& step, const Operand& sum, const Operand& a_scale,
                      const Operand& b_scale, std::size_t y_scale) {
  const Operand scales = step.between(mul_of(DType::float32), {a_scale, b_scale});
  const Operand factor = step.between(Binary(B::div), {scales, floats(step, y_scale)});
  const Operand scaled = step.between(mul_of(DType::float32), {sum, factor});
  give_quantised(step, scaled, floats(step, y_scale + 1),
                 type_of_zero_point(step, y_scale + 1, DType::uint8));
}

void qlinear_matmul(OnnxStep& step) {
  const Operand a = centred(step, floats(step, 0), 2, -2),
                b = centred(step, floats(step, 3), 5, -1);
  const Operand a_scale = along(step, floats(step, 1), a, -2);
  give_requantised(step, product(step, a, b), a_scale, along(step, floats(step, 4), b, -1), 6);
}

void qlinear_conv(OnnxStep& step) {
  const Operand x = centred(step, floats(step, 0), 2, 0);
  const Operand weight = centred(step, floats(step, 3), 5, 0);
  Values bias;
  if (step.gives(8)) bias = std::make_shared<const Tensor>(to(*step.weight(8), DType::float32));
  const Operand sum = convolved_pictures(step, x, weight, bias);
  const Operand weight_scale = along(step, floats(step, 4), sum, 1);
  give_requantised(step, sum, floats(step, 1), weight_scale, 6);
}

constexpr std::array rows{
    OnnxOperator{"QuantizeLinear", quantize_linear},
    OnnxOperator{"DequantizeLinear", dequantize_linear},
    OnnxOperator{"DynamicQuantizeLinear", dynamic_quantize_linear},
    OnnxOperator{"MatMulInteger", matmul_integer},
    OnnxOperator{"ConvInteger", conv_integer},
    OnnxOperator{"QLinearMatMul", qlinear_matmul},
    OnnxOperator{"QLinearConv", qlinear_conv},
};

}  // namespace

std::span<const OnnxOperator> onnx_quantised_operators() { return rows; }

}  // namespace nn
