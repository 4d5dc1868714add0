// The table's rows for elements in another order and in other places, copied.
#include <algorithm>
#include <array>

#include <nn/checked.h>
#include <nn/import/common_layers.h>
#include <nn/import/exported_arithmetic.h>
#include <nn/import/exported_slices.h>
#include <nn/layers/cast.h>
#include <nn/layers/concat.h>
#include <nn/layers/constant.h>
#include <nn/layers/flatten.h>
#include <nn/layers/gather.h>
#include <nn/layers/permute.h>
#include <nn/layers/pixel_shuffle.h>
#include <nn/layers/select.h>
#include <nn/layers/slice.h>
#include <nn/layers/split.h>
#include <nn/layers/squeeze.h>
#include <nn/layers/take.h>
#include <nn/layers/top_k.h>
#include <nn/layers/transpose.h>
#include <nn/layers/unsqueeze.h>
#include <nn/layers/where.h>

namespace nn {
namespace {

using Arguments = std::span<const Deferred::Argument>;
using B = Binary::Op;

void view_copy(ExportedStep& step) {
  step.give(step.layers().reshape(step.tensor("self"), step.sizes("size")));
}

void permute_copy(ExportedStep& step) {
  step.give(Permute({.dims = step.integers("dims")}), {step.tensor("self")});
}

void slice_scatter(ExportedStep& step) {
  const auto bounds = known_bounds(step);
  if (!bounds || !bounds->splits()) fail("the slice is computed or has steps: not supported");
  step.give(replaced(step.before(), step.tensor("self"), step.tensor("src"), bounds->dim,
                     bounds->start, bounds->end));
}

void select_scatter(ExportedStep& step) {
  step.give(replaced_at(step.before(), step.tensor("self"), step.tensor("src"), step.integer("dim"),
                        step.integer("index")));
}

// Tensors of one element type, others converted to the result's.
std::vector<Operand> alike(const ExportedStep& step) {
  std::vector<Operand> inputs = step.tensors("tensors");
  for (Operand& input : inputs) {
    input = step.before().cast(input, computed_as(step.result_dtype()));
  }
  return inputs;
}

void cat(ExportedStep& step) {
  std::vector<Operand> inputs = alike(step);
  // What PyTorch passes over: tensors of shape [0].
  std::erase_if(inputs, [](const Operand& input) {
    return input.known() && input.constant->shape() == Shape({0});
  });
  if (inputs.size() == 1) return step.give(inputs[0]);
  step.give(Concat({.dim = step.integer("dim", 0)}), inputs);
}

void stack(ExportedStep& step) {
  const std::int64_t dim = step.integer("dim", 0);
  std::vector<Operand> inputs = alike(step);
  for (Operand& input : inputs) input = step.before().add(Unsqueeze({.dim = dim}), {input});
  if (inputs.size() == 1) return step.give(inputs[0]);
  step.give(Concat({.dim = dim}), inputs);
}

// The tensor again behind itself; new dimensions come in front.
void repeat_as(ExportedStep& step, const Operand& repeats, std::size_t wanted) {
  const ExportedLayers layers = step.layers(), before = step.before();
  Operand x = step.tensor("self");
  std::size_t rank = step.rank("self");
  if (wanted < rank) fail("there are ", wanted, " repeats for ", rank, " dimensions");
  const bool open_rows = rank < wanted || (rank > 0 && step.described("self").sizes[0].value == 1);
  for (; rank < wanted; ++rank) x = before.add(Unsqueeze({.dim = 0}), {x});
  if (repeats.known()) {
    constexpr std::int64_t most_copies = 4096;
    const auto counts = repeats.constant->as<std::int64_t>();
    for (const std::int64_t count : counts) {
      if (count >= 1 && count <= most_copies) continue;
      fail("it repeats ", count, " times, expected 1 to ", most_copies);
    }
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 1) continue;
      const std::vector<Operand> copies(static_cast<std::size_t>(counts[i]), x);
      x = layers.add(Concat({.dim = static_cast<std::int64_t>(i)}), copies);
    }
    return step.give(x);
  }
  // As many times as there are rows, of one.
  const auto make = [](Arguments arguments) {
    const auto counts = arguments[0].integers(), own = arguments[1].integers();
    if (counts.size() != own.size()) fail("the tensor has other dimensions than the file says");
    std::vector<std::int64_t> sizes(counts.begin(), counts.end());
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (sizes[i] == 1)
        sizes[i] = own[i];
      else if (own[i] != 1)
        fail("it repeats a dimension of ", own[i], " elements as sizes say");
    }
    return Module(Constant(Tensor::from(std::span<const std::int64_t>(sizes),
                                        {static_cast<std::int64_t>(sizes.size())})));
  };
  const Operand sizes = before.add({}, {.kind = "Constant", .make = make},
                                   {repeats, before.sizes_of(x)}, DType::int64);
  step.give(layers.expand(x, sizes, open_rows));
}

// Other values for all of `self`.
void copy_into(ExportedStep& step) {
  const DType dtype = step.dtype("self");
  const ExportedLayers before = step.before();
  Operand source = before.cast(step.tensor("src"), computed_as(dtype));
  const bool same_rank = step.rank("src") == step.rank("self");
  const auto& to = step.described("self").sizes;
  const auto& from = step.described("src").sizes;
  const bool same = same_rank && std::ranges::equal(to, from, [](const auto& a, const auto& b) {
                      return a.value == b.value && a.symbol == b.symbol;
                    });
  if (!same) {
    source = before.expand(source, before.sizes_of(step.tensor("self")), !same_rank);
  }
  step.write("self", source);
}

void repeat(ExportedStep& step) { repeat_as(step, step.sizes("repeats"), step.count("repeats")); }

// Fewer numbers than dimensions are of the last ones.
void tile(ExportedStep& step) {
  auto repeats = step.integers("dims");
  if (repeats.size() < step.rank("self")) {
    repeats.insert(repeats.begin(), step.rank("self") - repeats.size(), 1);
  }
  repeat_as(step, integers_of(repeats), repeats.size());
}

void copy(ExportedStep& step) {
  step.give(step.before().cast(step.tensor("src"), computed_as(step.dtype("self"))));
}

// The elements of dimensions [first, first + n) at places that indices of one shape name together.
Operand take_at(const ExportedStep& step, const Operand& x, std::size_t rank, std::size_t first,
                const std::vector<Operand>& indices) {
  const ExportedLayers before = step.before();
  const auto dim = static_cast<std::int64_t>(first);
  const auto count = static_cast<std::int64_t>(indices.size());
  if (count == 1) return step.layers().add(Take({.dim = dim}), {x, indices[0]});
  const Operand sizes = before.sizes_of(x);
  Operand place;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto at = static_cast<std::int64_t>(first + i);
    const Operand size = before.add(Select({.dim = 0, .index = at}), {sizes});
    const Operand below = before.add(Binary(B::lt), {indices[i], integer_of(0)});
    const Operand wrapped =
        before.add(Where{}, {below, before.add(Binary(B::add), {indices[i], size}), indices[i]});
    place = i == 0
                ? wrapped
                : before.add(Binary(B::add), {before.add(Binary(B::mul), {place, size}), wrapped});
  }
  const Flatten together({.start_dim = dim, .end_dim = dim + count - 1});
  if (first + indices.size() > rank) fail("there are more indices than dimensions");
  return step.layers().add(Take({.dim = dim}), {before.add(together, {x}), place});
}

void index(ExportedStep& step) {
  const auto given = step.optional_tensors("indices");
  std::vector<std::size_t> dims;
  std::vector<Operand> indices;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!given[i]) continue;
    if (given[i]->dtype() == DType::boolean) {
      fail("a mask chooses elements: how many depends on its values, which is not supported");
    }
    dims.push_back(i);
    indices.push_back(step.before().cast(*given[i], DType::int64));
  }
  const std::size_t rank = step.rank("self");
  if (dims.empty()) return step.give(step.tensor("self"));
  Operand x = step.tensor("self");
  std::size_t first = dims[0];
  if (dims.back() - dims.front() + 1 != dims.size()) {
    // Not beside each other: they come to the front.
    std::vector<std::int64_t> order;
    for (const std::size_t dim : dims) order.push_back(static_cast<std::int64_t>(dim));
    for (std::size_t i = 0; i < rank; ++i) {
      if (std::ranges::find(dims, i) == dims.end()) order.push_back(static_cast<std::int64_t>(i));
    }
    x = step.before().add(Permute({.dims = order}), {x});
    first = 0;
  }
  step.give(take_at(step, x, rank, first, indices));
}

void index_select(ExportedStep& step) {
  step.give(Take({.dim = step.integer("dim")}), {step.tensor("self"), step.tensor("index")});
}

void gather(ExportedStep& step) {
  step.give(Gather({.dim = step.integer("dim")}), {step.tensor("self"), step.tensor("index")});
}

// The largest or smallest and their places.
void give_largest(ExportedStep& step, std::int64_t count, bool largest) {
  const DType dtype = step.dtype("self");
  const Operand x = step.before().cast(
      step.tensor("self"), computed_as(dtype) == DType::float32 ? DType::float32 : DType::int64);
  const std::int64_t dim = step.integer("dim", -1);
  const auto both = step.layers().add_all(TopK({.k = count, .dim = dim, .largest = largest}), {x});
  give_computed(step, both[0], dtype);
  if (step.wants(1)) step.give(both[1], 1);
}

void topk(ExportedStep& step) {
  give_largest(step, step.integer("k"), step.boolean("largest", true));
}

void sort(ExportedStep& step) {
  const auto& sizes = step.described("self").sizes;
  if (sizes.empty()) fail("a tensor without dimensions is sorted");
  const auto& size = sizes[normalize_dim(step.integer("dim", -1), sizes.size())];
  if (!size.value) fail("it sorts a dimension whose size is not known: not supported");
  give_largest(step, *size.value, step.boolean("descending", false));
}

// Groups of channels dealt out in turn: [N, g c, ...] -> [N, g, c, ...] -> [N, c, g, ...]
void channel_shuffle(ExportedStep& step) {
  const std::int64_t groups = step.integer("groups");
  const auto& sizes = step.described("self").sizes;
  if (sizes.size() < 3 || !sizes[1].value || groups < 1 || *sizes[1].value % groups != 0) {
    fail("the channels are not known or not divisible by ", groups);
  }
  const ExportedLayers before = step.before();
  const Operand x = step.tensor("self"), own = before.sizes_of(x);
  const Operand rows = before.add(Slice({.dim = 0, .start = 0, .end = 1}), {own});
  const Operand rest = before.add(Slice({.dim = 0, .start = 2}), {own});
  const Operand dealt =
      before.add(Concat({.dim = 0}), {rows, integers_of({groups, *sizes[1].value / groups}), rest});
  const Operand turned = before.add(Transpose({.dim0 = 1, .dim1 = 2}), {before.reshape(x, dealt)});
  step.give(step.layers().reshape(turned, own));
}

// Each element as often, one behind the other.
void repeat_interleave(ExportedStep& step) {
  const std::int64_t repeats = step.integer("repeats");
  if (!step.gives("dim")) fail("it repeats the elements of a flattened tensor: not supported");
  const std::size_t rank = step.rank("self");
  const auto dim = static_cast<std::int64_t>(normalize_dim(step.integer("dim"), rank));
  constexpr std::int64_t most_copies = 4096;
  if (repeats < 1 || repeats > most_copies) {
    fail("it repeats ", repeats, " times, expected 1 to ", most_copies);
  }
  const ExportedLayers before = step.before();
  const Operand x = before.add(Unsqueeze({.dim = dim + 1}), {step.tensor("self")});
  const std::vector<Operand> copies(static_cast<std::size_t>(repeats), x);
  const Operand beside = before.add(Concat({.dim = dim + 1}), copies);
  step.give(Flatten({.start_dim = dim, .end_dim = dim + 1}), {beside});
}

// Backwards along dimensions.
void flip(ExportedStep& step) {
  const ExportedLayers before = step.before();
  Operand x = step.tensor("self");
  for (const std::int64_t dim : step.integers("dims")) {
    const auto at =
        static_cast<std::int64_t>(normalize_dim(dim, std::max<std::size_t>(step.rank("self"), 1)));
    const auto make = [at](Arguments arguments) {
      const auto sizes = arguments[0].integers();
      if (static_cast<std::size_t>(at) >= sizes.size()) {
        fail("the tensor has fewer dimensions than the file says");
      }
      const std::int64_t count = sizes[static_cast<std::size_t>(at)];
      constexpr std::int64_t most = std::int64_t{1} << 26;
      if (count > most) fail("it turns ", count, " elements, expected up to ", most);
      Tensor places({count}, DType::int64);
      for (std::int64_t i = 0; i < count; ++i) {
        places.as<std::int64_t>()[static_cast<std::size_t>(i)] = count - 1 - i;
      }
      return Module(Constant(std::move(places)));
    };
    const Operand places =
        before.add({}, {.kind = "Constant", .make = make}, {before.sizes_of(x)}, DType::int64);
    x = step.layers().add(Take({.dim = at}), {x, places});
  }
  step.give(x);
}

// Round along dimensions: the last ones come first.
void roll(ExportedStep& step) {
  const auto shifts = step.integers("shifts"), dims = step.integers("dims");
  if (shifts.size() != dims.size()) fail("it rolls a tensor without dimensions: not supported");
  const ExportedLayers before = step.before();
  Operand x = step.tensor("self");
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const auto& sizes = step.described("self").sizes;
    if (sizes.empty()) fail("a tensor without dimensions is rolled");
    const auto& size = sizes[normalize_dim(dims[i], sizes.size())];
    if (!size.value) fail("it rolls a dimension whose size is not known: not supported");
    if (*size.value == 0) continue;
    const std::int64_t by = ((shifts[i] % *size.value) + *size.value) % *size.value;
    if (by == 0) continue;
    const std::int64_t cut = *size.value - by;
    const Operand last = before.add(Slice({.dim = dims[i], .start = cut}), {x});
    const Operand rest = before.add(Slice({.dim = dims[i], .end = cut}), {x});
    x = step.layers().add(Concat({.dim = dims[i]}), {last, rest});
  }
  step.give(x);
}

void pixel_shuffle(ExportedStep& step) {
  step.give(PixelShuffle({.upscale_factor = step.integer("upscale_factor")}),
            {step.tensor("self")});
}
void pixel_unshuffle(ExportedStep& step) {
  step.give(PixelUnshuffle({.downscale_factor = step.integer("downscale_factor")}),
            {step.tensor("self")});
}

constexpr std::array rows{
    ExportedOperator{"_unsafe_view.default", view_copy},
    ExportedOperator{"view_copy.default", view_copy},
    ExportedOperator{"permute_copy.default", permute_copy},
    ExportedOperator{"slice_scatter.default", slice_scatter},
    ExportedOperator{"select_scatter.default", select_scatter},
    ExportedOperator{"cat.default", cat},
    ExportedOperator{"stack.default", stack},
    ExportedOperator{"repeat.default", repeat},
    ExportedOperator{"copy_.default", copy_into},
    ExportedOperator{"copy.default", copy},
    ExportedOperator{"index.Tensor", index},
    ExportedOperator{"index_select.default", index_select},
    ExportedOperator{"gather.default", gather},
    ExportedOperator{"topk.default", topk},
    ExportedOperator{"sort.default", sort},
    ExportedOperator{"sort.stable", sort},
    ExportedOperator{"channel_shuffle.default", channel_shuffle},
    ExportedOperator{"repeat_interleave.self_int", repeat_interleave},
    ExportedOperator{"tile.default", tile},
    ExportedOperator{"flip.default", flip},
    ExportedOperator{"roll.default", roll},
    ExportedOperator{"pixel_shuffle.default", pixel_shuffle},
    ExportedOperator{"pixel_unshuffle.default", pixel_unshuffle},
};

}  // namespace

std::span<const ExportedOperator> exported_move_operators() { return rows; }

}  // namespace nn
