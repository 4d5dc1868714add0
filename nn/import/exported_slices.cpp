// The table's rows for parts of tensors along one dimension, which share their memory.
#include <algorithm>
#include <array>
#include <utility>

#include <nn/checked.h>
#include <nn/import/common_layers.h>
#include <nn/import/exported_slices.h>
#include <nn/layers/binary.h>
#include <nn/layers/concat.h>
#include <nn/layers/select.h>
#include <nn/layers/slice.h>
#include <nn/layers/split.h>
#include <nn/layers/unsqueeze.h>

namespace nn {

std::optional<SliceBounds> known_bounds(const ExportedStep& step) {
  const auto known = [&](std::string_view argument, std::int64_t otherwise) {
    if (!step.gives(argument)) return std::optional(otherwise);
    const Operand value = step.size(argument);
    if (!value.known()) return std::optional<std::int64_t>();
    return std::optional(value.constant->as<std::int64_t>()[0]);
  };
  const auto start = known("start", 0), end = known("end", INT64_MAX), by = known("step", 1);
  if (!start || !end || !by) return std::nullopt;
  return SliceBounds{step.integer("dim", 0), *start, *end, *by};
}

Operand replaced(const ExportedLayers& before, const Operand& base, const Operand& part,
                 std::int64_t dim, std::int64_t start, std::int64_t end) {
  std::vector<Operand> parts;
  if (start != 0) {
    parts.push_back(before.add(Slice({.dim = dim, .start = 0, .end = start}), {base}));
  }
  parts.push_back(part);
  if (end != INT64_MAX) {
    parts.push_back(before.add(Slice({.dim = dim, .start = end}), {base}));
  }
  return parts.size() == 1 ? part : before.add(Concat({.dim = dim}), parts);
}

Operand replaced_at(const ExportedLayers& before, const Operand& base, const Operand& part,
                    std::int64_t dim, std::int64_t index) {
  const Operand row = before.add(Unsqueeze({.dim = dim}), {part});
  return replaced(before, base, row, dim, index, index == -1 ? INT64_MAX : index + 1);
}

namespace {

using Arguments = std::span<const Deferred::Argument>;
using View = ExportedValues::View;
using B = Binary::Op;

void select(ExportedStep& step) {
  const std::int64_t dim = step.integer("dim");
  const ExportedLayers layers = step.layers(), before = step.before();
  const Operand index = step.size("index");
  if (!index.known()) {
    const auto make = [dim](Arguments arguments) {
      return Module(Select({.dim = dim, .index = arguments[0].integers()[0]}));
    };
    const auto of = [=](const Operand& x) {
      return layers.add({x}, {.kind = "Select", .make = make}, {index});
    };
    return step.give_view("self", {of, nullptr});
  }
  const std::int64_t at = index.constant->as<std::int64_t>()[0];
  step.give_view(
      "self", {[=](const Operand& x) { return layers.add(Select({.dim = dim, .index = at}), {x}); },
               [=](const Operand& base, const Operand& view) {
                 return replaced_at(before, base, view, dim, at);
               }});
}

void give_slice(ExportedStep& step, std::int64_t dim, const Operand& start, const Operand& end,
                const Operand& by) {
  const auto make = [dim](Arguments arguments) {
    return Module(Slice({.dim = dim,
                         .start = arguments[0].integers()[0],
                         .end = arguments[1].integers()[0],
                         .step = arguments[2].integers()[0]}));
  };
  const ExportedLayers layers = step.layers();
  step.give_view("self",
                 {[=](const Operand& x) {
                    return layers.add({x}, {.kind = "Slice", .make = make}, {start, end, by});
                  },
                  nullptr});
}

void slice(ExportedStep& step) {
  const ExportedLayers layers = step.layers(), before = step.before();
  if (const auto bounds = known_bounds(step)) {
    const auto [dim, start, end, by] = *bounds;
    const Slice layer({.dim = dim, .start = start, .end = end, .step = by});
    if (start == 0 && end == INT64_MAX && by == 1) {
      // All of it: a view that is the tensor itself.
      return step.give_view("self", {[](const Operand& x) { return x; },
                                     [](const Operand&, const Operand& view) { return view; }});
    }
    View view{[=](const Operand& x) { return layers.add(layer, {x}); }, nullptr};
    if (bounds->splits()) {
      const std::int64_t d = dim, s = start, e = end;
      view.put = [=](const Operand& base, const Operand& part) {
        return replaced(before, base, part, d, s, e);
      };
    }
    return step.give_view("self", std::move(view));
  }
  const auto bound = [&](std::string_view argument, std::int64_t otherwise) {
    return step.gives(argument) ? step.size(argument) : integer_of(otherwise);
  };
  give_slice(step, step.integer("dim", 0), bound("start", 0), bound("end", INT64_MAX),
             bound("step", 1));
}

void narrow(ExportedStep& step) {
  const Operand start = step.size("start"), length = step.size("length");
  const Operand end = step.before().add(Binary(B::add), {start, length});
  if (start.known() && start.constant->as<std::int64_t>()[0] < 0) {
    fail("argument 'start' is negative, expected one from the begin");
  }
  give_slice(step, step.integer("dim"), start, end, integer_of(1));
}

// Parts of one dimension, each a view.
void give_parts(ExportedStep& step, const Split& layer) {
  const ExportedLayers layers = step.layers(), before = step.before();
  const std::int64_t dim = layer.options().dim;
  const auto parts = layers.add_all(layer, {step.tensor("self")});
  for (std::size_t i = 0; i < std::min(parts.size(), step.output_count()); ++i) {
    const auto of = [=, first = std::optional(parts[i])](const Operand& x) mutable {
      if (first) return *std::exchange(first, std::nullopt);
      return layers.add_all(layer, {x})[i];
    };
    const auto put = [=](const Operand& base, const Operand& part) {
      auto all = before.add_all(layer, {base});
      all[i] = part;
      return all.size() == 1 ? part : before.add(Concat({.dim = dim}), all);
    };
    step.give_view("self", {of, put}, i);
  }
}

void chunk(ExportedStep& step) {
  const std::int64_t dim = step.integer("dim", 0);
  give_parts(step, Split({.chunks = static_cast<std::int64_t>(step.output_count()), .dim = dim}));
}

void split(ExportedStep& step) {
  const std::int64_t size = step.integer("split_size"), dim = step.integer("dim", 0);
  // All of one size but the last, which takes what is left.
  const auto& sizes = step.described("self").sizes;
  const std::size_t at = normalize_dim(dim, sizes.size());
  const auto count = static_cast<std::int64_t>(step.output_count());
  if (!sizes.empty() && sizes[at].value && size >= 0 && count > 0) {
    std::vector<std::int64_t> parts(static_cast<std::size_t>(count), size);
    const auto before = checked_multiply(count - 1, size);
    if (!before || *before > *sizes[at].value) fail("parts of ", size, " are more than there is");
    parts.back() = *sizes[at].value - *before;
    return give_parts(step, Split({.sizes = parts, .dim = dim}));
  }
  give_parts(step, Split({.chunks = count, .dim = dim}));
}

void split_sizes(ExportedStep& step) {
  const std::string_view argument = step.gives("split_sizes") ? "split_sizes" : "split_size";
  const auto sizes = step.integers(argument);
  const std::int64_t dim = step.integer("dim", 0);
  give_parts(step, Split({.sizes = sizes, .dim = dim}));
}

void unbind(ExportedStep& step) {
  const std::int64_t dim = step.integer("dim", 0);
  const ExportedLayers layers = step.layers(), before = step.before();
  for (std::size_t i = 0; i < step.output_count(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    step.give_view(
        "self",
        {[=](const Operand& x) { return layers.add(Select({.dim = dim, .index = at}), {x}); },
         [=](const Operand& base, const Operand& view) {
           return replaced_at(before, base, view, dim, at);
         }},
        i);
  }
}

constexpr std::array rows{
    ExportedOperator{"select.int", select},
    ExportedOperator{"slice.Tensor", slice},
    ExportedOperator{"narrow.default", narrow},
    ExportedOperator{"chunk.default", chunk},
    ExportedOperator{"split.Tensor", split},
    ExportedOperator{"split.sizes", split_sizes},
    ExportedOperator{"split_with_sizes.default", split_sizes},
    ExportedOperator{"unbind.int", unbind},
};

}  // namespace

std::span<const ExportedOperator> exported_slice_operators() { return rows; }

}  // namespace nn
