// The table's rows for parts of a tensor and elements that indices name.
#include <algorithm>
#include <array>

#include <nn/import/common_layers.h>
#include <nn/import/onnx_step.h>
#include <nn/layers/binary.h>
#include <nn/layers/cast.h>
#include <nn/layers/constant.h>
#include <nn/layers/gather.h>
#include <nn/layers/gather_nd.h>
#include <nn/layers/slice.h>
#include <nn/layers/split.h>
#include <nn/layers/take.h>
#include <nn/layers/top_k.h>
#include <nn/layers/unsqueeze.h>
#include <nn/layers/where.h>

namespace nn {
namespace {

using Arguments = std::span<const Deferred::Argument>;

void gather(OnnxStep& step) {
  step.give(Take({.dim = step.integer("axis", 0)}), {step.input(0), step.input(1)});
}

void gather_elements(OnnxStep& step) {
  step.give(Gather({.dim = step.integer("axis", 0)}), {step.input(0), step.input(1)});
}

// Where a slice along one axis starts and ends.
struct Part {
  std::int64_t axis = 0;
  std::int64_t step = 1;
  std::size_t place = 0;  // among starts and ends
};

// Elements start, start + step … before end of a dimension, backwards.
Module backward_indices(const Part& part, std::span<const std::int64_t> sizes, std::int64_t start,
                        std::int64_t end) {
  const std::int64_t size = sizes[normalize_dim(part.axis, sizes.size())];
  const auto from_end = [size](std::int64_t i) { return i < 0 && i >= -size ? i + size : i; };
  const std::int64_t first = std::clamp<std::int64_t>(from_end(start), -1, size - 1);
  const std::int64_t last = std::clamp<std::int64_t>(from_end(end), -1, size - 1);
  std::vector<std::int64_t> indices;
  for (std::int64_t i = first; i > last; i += std::max(part.step, -size - 1)) indices.push_back(i);
  const auto count = static_cast<std::int64_t>(indices.size());
  return Constant(Tensor::from(std::span<const std::int64_t>(indices), {count}));
}

Operand sliced(OnnxStep& step, const Operand& x, const Part& part, const Operand& starts,
               const Operand& ends) {
  if (part.step == 0) fail("a step is 0, expected another number");
  const auto at = [place = part.place](const Deferred::Argument& argument) {
    const auto numbers = argument.integers();
    if (place >= numbers.size()) {
      fail("starts or ends are ", numbers.size(), " numbers, expected one for each axis");
    }
    return numbers[place];
  };
  if (part.step > 0) {
    const auto make = [part, at](Arguments arguments) {
      return Module(Slice({.dim = part.axis,
                           .start = at(arguments[0]),
                           .end = at(arguments[1]),
                           .step = part.step}));
    };
    return step.between({x}, {.kind = "Slice", .make = make}, {starts, ends});
  }
  const auto make = [part, at](Arguments arguments) {
    return backward_indices(part, arguments[2].integers(), at(arguments[0]), at(arguments[1]));
  };
  const Operand indices = step.between({}, {.kind = "Constant", .inputs = 0, .make = make},
                                       {starts, ends, step.sizes_of(x)}, DType::int64);
  return step.between(Take({.dim = part.axis}), {x, indices});
}

// Slices along one axis after another.
void slice(OnnxStep& step) {
  const bool by_input = step.opset() >= 10;
  const Operand starts = by_input ? step.input(1) : integers_of(step.integers("starts"));
  const Operand ends = by_input ? step.input(2) : integers_of(step.integers("ends"));
  std::vector<std::int64_t> axes =
      by_input && step.gives(3) ? step.known_integers(3) : step.integers("axes");
  if (axes.empty()) {
    const Operand& some = starts.known() ? starts : ends;
    if (!some.known()) fail("axes are not given and starts are computed, expected axes");
    for (std::int64_t i = 0; i < some.constant->numel(); ++i) axes.push_back(i);
  }
  const std::vector<std::int64_t> steps = by_input && step.gives(4)
                                              ? step.known_integers(4)
                                              : std::vector<std::int64_t>(axes.size(), 1);
  if (steps.size() != axes.size()) {
    fail("there are ", axes.size(), " axes and ", steps.size(), " steps, expected as many of each");
  }
  Operand y = step.input(0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    y = sliced(step, y, {axes[i], steps[i], i}, starts, ends);
  }
  step.give(y);
}

void split(OnnxStep& step) {
  const std::int64_t axis = step.integer("axis", 0);
  if (step.gives(1) && !step.input(1).known()) {
    const auto make = [axis](Arguments arguments) {
      const auto sizes = arguments[0].integers();
      return Module(Split({.sizes = {sizes.begin(), sizes.end()}, .dim = axis}));
    };
    return step.give({step.input(0)},
                     {.kind = "Split", .outputs = step.output_count(), .make = make},
                     {step.input(1)});
  }
  const auto sizes = step.gives(1) ? step.known_integers(1) : step.integers("split");
  const auto parts = static_cast<std::int64_t>(step.output_count());
  const std::int64_t asked = step.integer("num_outputs", parts);
  if (asked != parts) {
    fail("attribute 'num_outputs' is ", asked, " and there are ", parts, " outputs");
  }
  if (!sizes.empty() && static_cast<std::int64_t>(sizes.size()) != parts) {
    fail(sizes.size(), " sizes are given for ", parts, " outputs");
  }
  step.give(
      sizes.empty() ? Split({.chunks = parts, .dim = axis}) : Split({.sizes = sizes, .dim = axis}),
      {step.input(0)});
}

// 1 at the places that indices name along a new dimension, or what values say.
void one_hot(OnnxStep& step) {
  const Tensor depths = to(*step.weight(1), DType::int64);
  const Values& values = step.weight(2);
  if (depths.numel() != 1 || values->numel() != 2) fail("expected one depth and two values");
  const std::int64_t depth = depths.as<std::int64_t>()[0], axis = step.integer("axis", -1);
  if (depth < 1 || depth > INT32_MAX) fail("the depth is ", depth, ", expected a positive number");
  Operand indices = step.input(0);
  if (indices.dtype() != DType::int64) {
    indices = step.between(Cast({.dtype = DType::int64}), {indices});
  }
  const Operand negative = step.between(Binary(Binary::Op::lt), {indices, integer_of(0)});
  const Operand wrapped = step.between(
      Where{},
      {negative, step.between(add_of(DType::int64), {indices, integer_of(depth)}), indices});
  // [0, depth) along the new dimension, and 1s behind it.
  const auto make = [axis, depth](Arguments arguments) {
    const std::size_t rank = arguments[0].integers().size() + 1;
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(depth));
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
    std::vector<std::int64_t> shape(rank - normalize_dim(axis, rank), 1);
    shape[0] = depth;
    return Module(Constant(Tensor::from(std::span<const std::int64_t>(numbers), Shape(shape))));
  };
  const Operand places = step.between({}, {.kind = "Constant", .inputs = 0, .make = make},
                                      {step.sizes_of(indices)}, DType::int64);
  const Operand is_it = step.between(Binary(Binary::Op::eq),
                                     {step.between(Unsqueeze({.dim = axis}), {wrapped}), places});
  const auto value = [&](std::int64_t i) {
    const Slice one({.dim = 0, .start = i, .end = i + 1});
    return constant_of(nn::apply(one, {*values}));
  };
  step.give(Where{}, {is_it, value(1), value(0)});
}

void top_k(OnnxStep& step) {
  const Operand k = step.opset() >= 10 ? step.input(1) : integers_of({step.integer("k", 0)});
  const auto make = [dim = step.integer("axis", -1),
                     largest = step.integer("largest", 1) != 0](Arguments arguments) {
    const auto numbers = arguments[0].integers();
    if (numbers.size() != 1) fail("input 1 has ", numbers.size(), " numbers, expected one");
    return Module(TopK({.k = numbers[0], .dim = dim, .largest = largest}));
  };
  step.give({step.input(0)}, {.kind = "topk", .outputs = 2, .make = make}, {k});
}

void gather_nd(OnnxStep& step) {
  step.give(GatherND({.batch_dims = step.integer("batch_dims", 0)}),
            {step.input(0), step.input(1)});
}

constexpr std::array rows{
    OnnxOperator{"Gather", gather},      OnnxOperator{"GatherElements", gather_elements},
    OnnxOperator{"GatherND", gather_nd}, OnnxOperator{"Slice", slice},
    OnnxOperator{"Split", split},        OnnxOperator{"OneHot", one_hot},
    OnnxOperator{"TopK", top_k},
};

}  // namespace

std::span<const OnnxOperator> onnx_index_operators() { return rows; }

}  // namespace nn
