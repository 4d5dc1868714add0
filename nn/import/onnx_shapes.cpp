// The table's rows for sizes, constants and elements in another order.
#include <algorithm>
#include <array>

#include <nn/checked.h>
#include <nn/import/common_layers.h>
#include <nn/import/onnx_step.h>
#include <nn/io/torch_dtype.h>
#include <nn/layers/cast.h>
#include <nn/layers/concat.h>
#include <nn/layers/constant.h>
#include <nn/layers/expand.h>
#include <nn/layers/flatten.h>
#include <nn/layers/identity.h>
#include <nn/layers/permute.h>
#include <nn/layers/reshape.h>
#include <nn/layers/sizes_of.h>
#include <nn/layers/slice.h>
#include <nn/layers/split.h>
#include <nn/layers/squeeze.h>
#include <nn/layers/take.h>
#include <nn/layers/unsqueeze.h>

namespace nn {
namespace {

using Arguments = std::span<const Deferred::Argument>;

// A tensor that a file asks for in a few bytes is no larger than this.
constexpr std::int64_t most_made_elements = std::int64_t{1} << 26;

void identity(OnnxStep& step) { step.give(step.input(0)); }

void dropout(OnnxStep& step) {
  step.give(step.input(0));
  if (step.wants(1)) fail("output 1, the mask of Dropout, is not supported");
}

void constant_value(OnnxStep& step) {
  if (step.has("value")) return step.give(Operand{step.tensor("value"), {}});
  if (step.has("value_float")) {
    return step.give(number_of(step.number("value_float", 0)));
  }
  if (step.has("value_int")) {
    return step.give(integer_of(step.integer("value_int", 0)));
  }
  if (step.has("value_ints")) return step.give(integers_of(step.integers("value_ints")));
  fail("none of the attributes value, value_float, value_int and value_ints is given");
}

void shape(OnnxStep& step) {
  const std::int64_t start = step.integer("start", 0);
  const std::int64_t end = step.integer("end", INT64_MAX);
  if (start == 0 && end == INT64_MAX) return step.give(SizesOf{}, {step.input(0)});
  step.give(Slice({.dim = 0, .start = start, .end = end}),
            {step.between(SizesOf{}, {step.input(0)})});
}

void reshape(OnnxStep& step) {
  if (!step.gives(1)) {  // opset 1 to 4
    return step.give(Reshape({.shape = step.integers("shape")}), {step.input(0)});
  }
  // 0 keeps the input's size, which another output of the graph knows.
  const bool keeps = step.integer("allowzero", 0) == 0;
  const Operand x = step.input(0), target = step.input(1);
  const auto make = [keeps](Arguments arguments) {
    const auto wanted = arguments[0].integers();
    std::vector<std::int64_t> sizes(wanted.begin(), wanted.end());
    const auto own =
        arguments.size() > 1 ? arguments[1].integers() : std::span<const std::int64_t>();
    bool inferred = std::ranges::count(sizes, -1) > 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      bool follows = arguments[0].follows_rows[i];
      if (sizes[i] == 0 && keeps) {
        if (i >= own.size()) fail("size 0 at ", i, " keeps one that the input does not have");
        sizes[i] = own[i];
        follows = arguments[1].follows_rows[i];
      }
      if (i == 0 && follows && !inferred) {
        sizes[i] = -1;
        inferred = true;
      }
    }
    return Module(Reshape({.shape = sizes}));
  };
  const bool has_zero =
      keeps && (!target.known() || std::ranges::count(step.known_integers(1), 0) > 0);
  if (has_zero) {
    return step.give({x}, {.kind = "Reshape", .make = make},
                     {target, step.between(SizesOf{}, {x})});
  }
  step.give({x}, {.kind = "Reshape", .make = make}, {target});
}

void flatten(OnnxStep& step) {
  const std::int64_t axis = step.integer("axis", 1);
  if (axis == 1) return step.give(Flatten({.start_dim = 1, .end_dim = -1}), {step.input(0)});
  const auto make = [axis](Arguments arguments) {
    const auto n = arguments[0].integers();
    const auto rank = static_cast<std::int64_t>(n.size());
    const std::int64_t at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at > rank)
      fail("attribute 'axis' is ", axis, ", the input has ", rank, " dimensions");
    std::int64_t front = 1;
    for (std::int64_t i = 0; i < at; ++i) front *= n[static_cast<std::size_t>(i)];
    return Module(Reshape({.shape = {front, -1}}));
  };
  const Operand x = step.input(0);
  step.give({x}, {.kind = "Flatten", .make = make}, {step.between(SizesOf{}, {x})});
}

void transpose(OnnxStep& step) {
  if (step.has("perm")) {
    return step.give(Permute({.dims = step.integers("perm")}), {step.input(0)});
  }
  const auto make = [](Arguments arguments) {
    std::vector<std::int64_t> dims(arguments[0].integers().size());
    for (std::size_t i = 0; i < dims.size(); ++i) {
      dims[i] = static_cast<std::int64_t>(dims.size() - 1 - i);
    }
    return Module(Permute({.dims = dims}));
  };
  const Operand x = step.input(0);
  step.give({x}, {.kind = "Permute", .make = make}, {step.between(SizesOf{}, {x})});
}

// Axes are an attribute before opset 13, an input from then on.
std::vector<std::int64_t> axes_of(const OnnxStep& step) {
  return step.gives(1) ? step.known_integers(1) : step.integers("axes");
}

void squeeze(OnnxStep& step) { step.give(Squeeze({.dims = axes_of(step)}), {step.input(0)}); }

void unsqueeze(OnnxStep& step) {
  std::vector<std::int64_t> axes = axes_of(step);
  if (axes.empty()) fail("no axes are given");
  // They are those of the output, so the least comes first; negative ones count from its end.
  if (axes.size() > 1 && std::ranges::any_of(axes, [](std::int64_t axis) { return axis < 0; })) {
    if (!std::ranges::all_of(axes, [](std::int64_t axis) { return axis < 0; })) {
      fail("axes count from the begin and from the end at once");
    }
    std::ranges::sort(axes, std::greater<>());
  } else {
    std::ranges::sort(axes);
  }
  Operand x = step.input(0);
  for (std::size_t i = 0; i + 1 < axes.size(); ++i) {
    x = step.between(Unsqueeze({.dim = axes[i]}), {x});
  }
  step.give(Unsqueeze({.dim = axes.back()}), {x});
}

void concat_inputs(OnnxStep& step) {
  if (!step.has("axis")) fail("attribute 'axis' is missing");
  std::vector<Operand> inputs;
  for (std::size_t i = 0; i < step.input_count(); ++i) inputs.push_back(step.input(i));
  step.give(Concat({.dim = step.integer("axis", 0)}), inputs);
}

void gather(OnnxStep& step) {
  step.give(Take({.dim = step.integer("axis", 0)}), {step.input(0), step.input(1)});
}

// Slices along one axis after another.
void slice(OnnxStep& step) {
  const bool by_input = step.opset() >= 10;
  const Operand x = step.input(0);
  if (!by_input) {
    const auto starts = step.integers("starts"), ends = step.integers("ends");
    std::vector<std::int64_t> axes = step.integers("axes");
    if (axes.empty()) {
      for (std::size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
    }
    if (starts.empty() || ends.size() != starts.size() || axes.size() != starts.size()) {
      fail("starts, ends and axes are ", starts.size(), ", ", ends.size(), " and ", axes.size(),
           " numbers, expected as many of each");
    }
    Operand y = x;
    for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
      y = step.between(Slice({.dim = axes[i], .start = starts[i], .end = ends[i]}), {y});
    }
    return step.give(Slice({.dim = axes.back(), .start = starts.back(), .end = ends.back()}), {y});
  }
  const std::size_t count =
      step.gives(3) ? step.known_integers(3).size() : step.known_integers(1).size();
  std::vector<std::int64_t> axes;
  for (std::size_t i = 0; i < count; ++i) axes.push_back(static_cast<std::int64_t>(i));
  if (step.gives(3)) axes = step.known_integers(3);
  const std::vector<std::int64_t> steps =
      step.gives(4) ? step.known_integers(4) : std::vector<std::int64_t>(count, 1);
  if (count == 0 || steps.size() != count) {
    fail("there are ", count, " axes and ", steps.size(), " steps, expected as many of each");
  }
  Operand y = x;
  const auto make_at = [&](std::size_t i) {
    return [i, axis = axes[i], by = steps[i], count](Arguments arguments) {
      const auto starts = arguments[0].integers(), ends = arguments[1].integers();
      if (starts.size() != count || ends.size() != count) {
        fail("starts and ends are ", starts.size(), " and ", ends.size(), " numbers for ", count,
             " axes");
      }
      return Module(Slice({.dim = axis, .start = starts[i], .end = ends[i], .step = by}));
    };
  };
  const auto wide = [&](std::size_t i) {
    return step.between(Cast({.dtype = DType::int64}), {step.input(i)});
  };
  const Operand starts = wide(1), ends = wide(2);
  for (std::size_t i = 0; i + 1 < count; ++i) {
    y = step.between({y}, {.kind = "Slice", .make = make_at(i)}, {starts, ends});
  }
  step.give({y}, {.kind = "Slice", .make = make_at(count - 1)}, {starts, ends});
}

void split(OnnxStep& step) {
  const std::int64_t axis = step.integer("axis", 0);
  const auto sizes = step.gives(1) ? step.known_integers(1) : step.integers("split");
  const auto parts = static_cast<std::int64_t>(step.output_count());
  if (!sizes.empty() && static_cast<std::int64_t>(sizes.size()) != parts) {
    fail(sizes.size(), " sizes are given for ", parts, " outputs");
  }
  step.give(
      sizes.empty() ? Split({.chunks = parts, .dim = axis}) : Split({.sizes = sizes, .dim = axis}),
      {step.input(0)});
}

void expand(OnnxStep& step) {
  const Operand x = step.input(0);
  // Sizes broadcast both ways: 1 keeps the input's.
  const auto make = [](Arguments arguments) {
    const auto wanted = arguments[0].integers();
    const auto own = arguments[1].integers();
    const std::size_t rank = std::max(wanted.size(), own.size());
    std::vector<std::int64_t> sizes(rank);
    for (std::size_t i = 0; i < rank; ++i) {
      const std::size_t missing = rank - wanted.size(), lacks = rank - own.size();
      const std::int64_t w = i < missing ? 1 : wanted[i - missing];
      const std::int64_t o = i < lacks ? 1 : own[i - lacks];
      sizes[i] = w == 1 ? o : w;
      const bool rows = (i >= missing && arguments[0].follows_rows[i - missing]) ||
                        (i >= lacks && arguments[1].follows_rows[i - lacks]);
      if (i == 0 && rows && i >= lacks && arguments[1].follows_rows[i - lacks]) sizes[i] = -1;
    }
    return Module(Expand({.sizes = sizes}));
  };
  step.give(
      {x}, {.kind = "Expand", .make = make},
      {step.between(Cast({.dtype = DType::int64}), {step.input(1)}), step.between(SizesOf{}, {x})});
}

std::int64_t made_elements(std::span<const std::int64_t> sizes) {
  std::optional<std::int64_t> count = 1;
  for (const std::int64_t size : sizes) {
    if (size < 0) fail("size ", size, " is negative");
    if (count) count = checked_multiply(*count, size);
  }
  if (!count || *count > most_made_elements) {
    fail("a tensor of shape ", Shape(sizes), " is asked for; up to ", most_made_elements,
         " elements are made");
  }
  return *count;
}

void constant_of_shape(OnnxStep& step) {
  const std::shared_ptr<const Tensor> value =
      step.has("value") ? step.tensor("value") : std::make_shared<const Tensor>(Shape{1});
  if (value->numel() != 1) fail("attribute 'value' is ", value->shape(), ", expected one number");
  const auto make = [value](Arguments arguments) {
    const auto sizes = arguments[0].integers();
    made_elements(sizes);
    const Tensor one = Tensor(*value).reshaped({});
    return Module(Constant(nn::apply(Expand({.sizes = {sizes.begin(), sizes.end()}}), {one})));
  };
  step.give({}, {.kind = "Constant", .inputs = 0, .make = make}, {step.input(0)}, value->dtype());
}

void range(OnnxStep& step) {
  const auto make = [](Arguments arguments) {
    const std::int64_t start = arguments[0].integers()[0], limit = arguments[1].integers()[0],
                       delta = arguments[2].integers()[0];
    if (delta == 0) fail("the step is 0");
    std::vector<std::int64_t> values;
    for (std::int64_t i = start; delta > 0 ? i < limit : i > limit; i += delta) {
      values.push_back(i);
      if (values.size() > static_cast<std::size_t>(most_made_elements)) {
        fail("more than ", most_made_elements, " elements are asked for");
      }
    }
    const auto count = static_cast<std::int64_t>(values.size());
    return Module(Constant(Tensor::from(std::span<const std::int64_t>(values), {count})));
  };
  step.give({}, {.kind = "Constant", .inputs = 0, .make = make},
            {step.input(0), step.input(1), step.input(2)}, DType::int64);
}

void cast(OnnxStep& step) {
  constexpr std::array<std::pair<std::int64_t, DType>, 12> types{{
      {1, DType::float32},
      {2, DType::uint8},
      {3, DType::int8},
      {4, DType::uint16},
      {5, DType::int16},
      {6, DType::int32},
      {7, DType::int64},
      {9, DType::boolean},
      {10, DType::float16},
      {11, DType::float64},
      {12, DType::uint32},
      {16, DType::bfloat16},
  }};
  const std::int64_t wanted = step.integer("to", 0);
  for (const auto& [number, dtype] : types) {
    if (number == wanted) return step.give(Cast({.dtype = dtype}), {step.input(0)});
  }
  fail("attribute 'to' is ", wanted, ", an element type that is not supported");
}

constexpr std::array rows{
    OnnxOperator{"Identity", identity},
    OnnxOperator{"Dropout", dropout},
    OnnxOperator{"Constant", constant_value},
    OnnxOperator{"ConstantOfShape", constant_of_shape},
    OnnxOperator{"Range", range},
    OnnxOperator{"Shape", shape},
    OnnxOperator{"Reshape", reshape},
    OnnxOperator{"Flatten", flatten},
    OnnxOperator{"Transpose", transpose},
    OnnxOperator{"Squeeze", squeeze},
    OnnxOperator{"Unsqueeze", unsqueeze},
    OnnxOperator{"Concat", concat_inputs},
    OnnxOperator{"Gather", gather},
    OnnxOperator{"Slice", slice},
    OnnxOperator{"Split", split},
    OnnxOperator{"Expand", expand},
    OnnxOperator{"Cast", cast},
};

}  // namespace

std::span<const OnnxOperator> onnx_shape_operators() { return rows; }

}  // namespace nn
