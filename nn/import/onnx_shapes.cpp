// The table's rows for sizes, constants and elements in another order.
#include <algorithm>
#include <array>
#include <cmath>

#include <nn/checked.h>
#include <nn/import/common_layers.h>
#include <nn/import/onnx_step.h>
#include <nn/io/onnx_type.h>
#include <nn/layers/binary.h>
#include <nn/layers/cast.h>
#include <nn/layers/concat.h>
#include <nn/layers/constant.h>
#include <nn/layers/expand.h>
#include <nn/layers/flatten.h>
#include <nn/layers/identity.h>
#include <nn/layers/permute.h>
#include <nn/layers/pixel_shuffle.h>
#include <nn/layers/reduce.h>
#include <nn/layers/reshape.h>
#include <nn/layers/sizes_of.h>
#include <nn/layers/slice.h>
#include <nn/layers/squeeze.h>
#include <nn/layers/take.h>
#include <nn/layers/tile.h>
#include <nn/layers/unary.h>
#include <nn/layers/unsqueeze.h>
#include <nn/layers/where.h>

namespace nn {
namespace {

using Arguments = std::span<const Deferred::Argument>;

// A tensor that a file asks for in a few bytes is no larger than this.
constexpr std::int64_t most_made_elements = std::int64_t{1} << 22;
// Of truths, a byte each.
constexpr std::int64_t most_made_truths = std::int64_t{1} << 25;

void identity(OnnxStep& step) { step.give(step.input(0)); }

void dropout(OnnxStep& step) {
  const auto number = [&](std::size_t i, double otherwise) {
    if (!step.gives(i)) return otherwise;
    if (step.weight(i)->numel() != 1) fail("input ", i, " is no single number");
    return static_cast<double>(to(*step.weight(i), DType::float32).f32()[0]);
  };
  if (number(2, 0) != 0 && number(1, 0.5) != 0) {
    fail("input 2, training_mode, is true: export the model after model.eval()");
  }
  const Operand x = step.input(0);
  step.give(x);
  if (!step.wants(1)) return;
  // The mask lets all pass.
  const Operand nan = step.between(Unary(Unary::Op::isnan), {x});
  const Operand number_mask = step.between(Unary(Unary::Op::logical_not), {nan});
  step.give(step.between(Binary(Binary::Op::logical_or), {nan, number_mask}), 1);
}

void constant_value(OnnxStep& step) {
  if (step.has("value")) return step.give(step.constant("value"));
  if (step.has("value_float")) {
    return step.give(number_of(step.number("value_float", 0)));
  }
  if (step.has("value_int")) {
    return step.give(integer_of(step.integer("value_int", 0)));
  }
  if (step.has("value_ints")) return step.give(integers_of(step.integers("value_ints")));
  if (step.has("value_floats")) {
    const std::vector<double> doubles = step.numbers("value_floats");
    const std::vector<float> values(doubles.begin(), doubles.end());
    return step.give(constant_of(
        Tensor::from(std::span<const float>(values), {static_cast<std::int64_t>(values.size())})));
  }
  fail(
      "none of the attributes value, value_float, value_floats, value_int and value_ints is given: "
      "texts and sparse tensors are not supported");
}

void shape(OnnxStep& step) {
  const std::int64_t start = step.integer("start", 0);
  const std::int64_t end = step.integer("end", INT64_MAX);
  if (start == 0 && end == INT64_MAX) return step.give(SizesOf{}, {step.input(0)});
  step.give(Slice({.dim = 0, .start = start, .end = end}),
            {step.between(SizesOf{}, {step.input(0)})});
}

// The shape that Reshape asks for: 0 keeps the input's size (`own`, which may be empty where there is
// none); rows come out as -1, for any number of them.
std::vector<std::int64_t> reshape_target(const Deferred::Argument& target,
                                         const Deferred::Argument& own, bool keeps) {
  const auto wanted = target.integers();
  std::vector<std::int64_t> sizes(wanted.begin(), wanted.end());
  std::vector<std::int64_t> has;
  if (!own.follows_rows.empty()) {
    const auto known = own.integers();
    has.assign(known.begin(), known.end());
  }
  bool rows = !sizes.empty() && target.follows_rows[0];
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] != 0 || !keeps) continue;
    if (i >= has.size()) fail("size 0 at ", i, " keeps one that the input does not have");
    sizes[i] = has[i];
    rows = rows || (i == 0 && own.follows_rows[0]);
  }
  if (!rows) return sizes;
  // Another size that is to be told from the others is told now.
  const auto inferred = std::ranges::find(sizes, -1);
  if (inferred != sizes.end()) {
    std::optional<std::int64_t> all = 1, rest = 1;
    for (const std::int64_t size : has) all = all ? checked_multiply(*all, size) : all;
    for (const std::int64_t size : sizes) {
      if (size != -1) rest = rest ? checked_multiply(*rest, size) : rest;
    }
    if (has.empty() || !all || !rest || *rest <= 0 || *all % *rest != 0) return sizes;
    *inferred = *all / *rest;
    if (std::ranges::count(sizes, -1) > 0) return sizes;
  }
  sizes[0] = -1;
  return sizes;
}

void reshape(OnnxStep& step) {
  if (!step.gives(1)) {  // opset 1 to 4
    return step.give(Reshape({.shape = step.integers("shape")}), {step.input(0)});
  }
  const bool keeps = step.integer("allowzero", 0) == 0;
  const Operand x = step.input(0);
  const Operand target = x.known() ? step.input(1) : step.result_sizes(1);
  const auto make = [keeps](Arguments arguments) {
    const auto own = arguments.size() > 1 ? arguments[1] : Deferred::Argument{};
    return Module(Reshape({.shape = reshape_target(arguments[0], own, keeps)}));
  };
  const bool needs_own =
      !target.known() || (keeps && std::ranges::count(step.known_integers(1), 0));
  if (needs_own)
    return step.give({x}, {.kind = "Reshape", .make = make}, {target, step.sizes_of(x)});
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
  const bool any_computed =
      std::ranges::any_of(inputs, [](const Operand& input) { return !input.known(); });
  if (any_computed && step.integer("axis", 0) != 0) {
    for (Operand& input : inputs) input = step.freed_constant(input);
  }
  step.give(Concat({.dim = step.integer("axis", 0)}), inputs);
}

void expand(OnnxStep& step) {
  const Operand x = step.input(0), wanted = step.result_sizes(1);
  // Sizes broadcast both ways: 1 keeps the input's. A batch that the input lacks is the first input's.
  const auto make = [](Arguments arguments) {
    const auto target = arguments[0].integers();
    const auto own = arguments[1].integers();
    const std::size_t rank = std::max(target.size(), own.size());
    const std::size_t missing = rank - target.size(), lacks = rank - own.size();
    std::vector<std::int64_t> sizes(rank);
    bool adds_rows = false;
    for (std::size_t i = 0; i < rank; ++i) {
      const std::int64_t w = i < missing ? 1 : target[i - missing];
      const std::int64_t o = i < lacks ? 1 : own[i - lacks];
      sizes[i] = w == 1 ? o : w;
      if (i > 0) continue;
      const bool has_rows = lacks == 0 && arguments[1].follows_rows[0];
      if (has_rows) sizes[0] = -1;
      adds_rows = !has_rows && missing == 0 && arguments[0].follows_rows[0];
    }
    return Module(Expand({.sizes = sizes, .rows_of_input = adds_rows}));
  };
  if (wanted.known()) {
    return step.give({x}, {.kind = "Expand", .make = make}, {wanted, step.sizes_of(x)});
  }
  step.give({x, step.first_input()}, {.kind = "Expand", .make = make}, {wanted, step.sizes_of(x)});
}

std::int64_t made_elements(std::span<const std::int64_t> sizes,
                           std::int64_t most = most_made_elements) {
  std::optional<std::int64_t> count = 1;
  for (const std::int64_t size : sizes) {
    if (size < 0) fail("size ", size, " is negative");
    if (count) count = checked_multiply(*count, size);
  }
  if (!count || *count > most) {
    fail("a tensor of shape ", Shape(sizes), " is asked for; up to ", most, " elements are made");
  }
  return *count;
}

void constant_of_shape(OnnxStep& step) {
  const std::shared_ptr<const Tensor> value =
      step.has("value") ? step.tensor("value") : std::make_shared<const Tensor>(Shape{1});
  if (value->numel() != 1) fail("attribute 'value' is ", value->shape(), ", expected one number");
  const Operand wanted = step.result_sizes(0);
  if (wanted.known()) {
    for (const std::int64_t size : step.known_integers(0)) {
      if (size < 0) fail("size ", size, " is negative");
    }
    return step.give(step.filled(Shape(step.known_integers(0)), *value));
  }
  const auto make = [](Arguments arguments) {
    const auto sizes = arguments[0].integers();
    made_elements(sizes);
    return Module(Expand({.sizes = {sizes.begin(), sizes.end()},
                          .rows_of_input = !sizes.empty() && arguments[0].follows_rows[0]}));
  };
  const Operand one = constant_of(Tensor(*value).reshaped({}));
  step.give({one, step.first_input()}, {.kind = "Expand", .make = make}, {wanted});
}

// start, start + delta … before limit
template <class T>
Module range_of(T start, T limit, T delta) {
  if (delta == T{}) fail("the step is 0");
  const double wanted = std::ceil((static_cast<double>(limit) - static_cast<double>(start)) /
                                  static_cast<double>(delta));
  if (!(wanted <= static_cast<double>(most_made_elements))) {
    fail("more than ", most_made_elements, " elements are asked for");
  }
  std::vector<T> values;
  for (double i = 0; i < wanted; i += 1) {
    values.push_back(static_cast<T>(start + static_cast<T>(i) * delta));
  }
  const auto count = static_cast<std::int64_t>(values.size());
  return Constant(Tensor::from(std::span<const T>(values), {count}));
}

void range(OnnxStep& step) {
  const auto make = [](Arguments arguments) {
    for (const Deferred::Argument& argument : arguments) {
      if (argument.value.numel() != 1) {
        fail("an input is ", argument.value.shape(), ", expected one number");
      }
    }
    if (arguments[0].value.dtype() == DType::float32) {
      return range_of(arguments[0].value.f32()[0], arguments[1].value.f32()[0],
                      arguments[2].value.f32()[0]);
    }
    return range_of(arguments[0].integers()[0], arguments[1].integers()[0],
                    arguments[2].integers()[0]);
  };
  const Operand start = step.input(0);
  step.give({}, {.kind = "Constant", .inputs = 0, .make = make},
            {start, step.input(1), step.input(2)}, start.dtype());
}

void size(OnnxStep& step) {
  step.give(Reduce({.op = Reduce::Op::prod}), {step.sizes_of(step.input(0))});
}

void tile(OnnxStep& step) {
  const auto make = [](Arguments arguments) {
    const auto repeats = arguments[0].integers();
    return Module(Tile({.repeats = {repeats.begin(), repeats.end()}}));
  };
  step.give({step.input(0)}, {.kind = "Tile", .make = make}, {step.input(1)});
}

// The upper or lower triangle of the last two dimensions, 0 elsewhere.
void trilu(OnnxStep& step) {
  const bool upper = step.integer("upper", 1) != 0;
  const auto offset = step.gives(1) ? step.known_integers(1) : std::vector<std::int64_t>{0};
  if (offset.size() != 1) fail("input 1 has ", offset.size(), " numbers, expected one diagonal");
  const auto make = [upper, k = offset[0]](Arguments arguments) {
    const auto sizes = arguments[0].integers();
    if (sizes.size() < 2) fail("expected an input of 2 or more dimensions, got ", sizes.size());
    const std::array<std::int64_t, 2> shape{sizes[sizes.size() - 2], sizes[sizes.size() - 1]};
    made_elements(shape, most_made_truths);
    Tensor mask = Tensor::uninitialized({Shape(shape), DType::boolean});
    bool* cell = mask.as<bool>().data();
    for (std::int64_t i = 0; i < shape[0]; ++i) {
      for (std::int64_t j = 0; j < shape[1]; ++j) *cell++ = upper ? j - i >= k : j - i <= k;
    }
    return Module(Constant(std::move(mask)));
  };
  const Operand x = step.input(0);
  const Operand mask = step.between({}, {.kind = "Constant", .inputs = 0, .make = make},
                                    {step.sizes_of(x)}, DType::boolean);
  const Operand zero = constant_of(to(Tensor::from({0}, {}), x.dtype()));
  step.give(Where{}, {mask, x, zero});
}

// ONNX's order "DCR" of channels is (i r + j) C + c, PixelShuffle's and "CRD" c r² + i r + j. An index
// that takes channels of the one order where the other has them.
Operand channel_order(OnnxStep& step, const Operand& x, std::int64_t r, bool to_pixel_shuffle) {
  const auto make = [=](Arguments arguments) {
    const auto sizes = arguments[0].integers();
    const std::int64_t blocks = r * r;
    if (sizes.size() != 4) fail("expected an input of 4 dimensions, got ", sizes.size());
    const std::int64_t channels = sizes[1] / blocks;
    if (channels * blocks != sizes[1]) {
      fail("dimension 1 of size ", sizes[1], " is not divisible by ", blocks, ", blocksize²");
    }
    std::vector<std::int64_t> order;
    for (std::int64_t to = 0; to < sizes[1]; ++to) {
      order.push_back(to_pixel_shuffle ? to % blocks * channels + to / blocks
                                       : to % channels * blocks + to / channels);
    }
    return Module(Constant(Tensor::from(std::span<const std::int64_t>(order), {sizes[1]})));
  };
  return step.between({}, {.kind = "Constant", .inputs = 0, .make = make}, {step.sizes_of(x)},
                      DType::int64);
}

std::int64_t block_size(const OnnxStep& step) {
  const std::int64_t r = step.integer("blocksize", 0);
  if (r < 1 || r > 1024) fail("attribute 'blocksize' is ", r, ", expected 1 to 1024");
  return r;
}

bool is_crd(const OnnxStep& step) {
  const std::string mode = step.text("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") {
    fail("attribute 'mode' is '", printable(mode), "', expected DCR or CRD");
  }
  return mode == "CRD";
}

void depth_to_space(OnnxStep& step) {
  const std::int64_t r = block_size(step);
  Operand x = step.input(0);
  if (!is_crd(step)) {
    x = step.between(Take({.dim = 1}), {x, channel_order(step, x, r, true)});
  }
  step.give(PixelShuffle({.upscale_factor = r}), {x});
}

void space_to_depth(OnnxStep& step) {
  const std::int64_t r = block_size(step);
  const Module layer = PixelUnshuffle({.downscale_factor = r});
  if (is_crd(step)) return step.give(layer, {step.input(0)});
  const Operand y = step.between(layer, {step.input(0)});
  step.give(Take({.dim = 1}), {y, channel_order(step, y, r, false)});
}

// Through the file's element type, so that values are rounded or wrapped as it does, to the one that
// is computed in.
void give_cast(OnnxStep& step, const Operand& x, DType wanted) {
  const DType computed = computed_as(wanted);
  if (is_float8(wanted)) {
    if (step.integer("saturate", 1) != 1) {
      fail("attribute 'saturate' is 0, expected 1: numbers that ", wanted, " cannot hold");
    }
    return step.give(
        Cast({.dtype = computed}),
        {step.between(Cast({.dtype = wanted}), {step.between(saturation_of(wanted), {x})})});
  }
  if (wanted == DType::float64) return step.give(Cast({.dtype = computed}), {x});
  if (wanted == computed) {
    return x.dtype() == wanted ? step.give(x) : step.give(Cast({.dtype = wanted}), {x});
  }
  step.give(Cast({.dtype = computed}), {step.between(Cast({.dtype = wanted}), {x})});
}

void cast(OnnxStep& step) {
  const std::int64_t wanted = step.integer("to", 0);
  const io::OnnxType* const type = io::find_onnx_type(wanted);
  if (type == nullptr || !type->dtype) {
    fail("attribute 'to' is ", wanted, type == nullptr ? "" : concat(" (", type->name, ")"),
         ", an element type that is not supported");
  }
  give_cast(step, step.input(0), *type->dtype);
}

void cast_like(OnnxStep& step) {
  if (step.integer("saturate", 1) != 1) fail("attribute 'saturate' is 0, expected 1");
  give_cast(step, step.input(0), step.input(1).dtype());
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
    OnnxOperator{"Expand", expand},
    OnnxOperator{"Cast", cast},
    OnnxOperator{"CastLike", cast_like},
    OnnxOperator{"Size", size},
    OnnxOperator{"Tile", tile},
    OnnxOperator{"Trilu", trilu},
    OnnxOperator{"DepthToSpace", depth_to_space},
    OnnxOperator{"SpaceToDepth", space_to_depth},
};

}  // namespace

std::span<const OnnxOperator> onnx_shape_operators() { return rows; }

}  // namespace nn
