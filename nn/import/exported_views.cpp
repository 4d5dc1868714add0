// The table's rows for views, which share memory with what they are taken from.
#include <algorithm>
#include <array>

#include <nn/checked.h>
#include <nn/import/common_layers.h>
#include <nn/import/exported_arithmetic.h>
#include <nn/layers/cast.h>
#include <nn/layers/concat.h>
#include <nn/layers/constant.h>
#include <nn/layers/flatten.h>
#include <nn/layers/permute.h>
#include <nn/layers/pixel_shuffle.h>
#include <nn/layers/reshape.h>
#include <nn/layers/slice.h>
#include <nn/layers/squeeze.h>
#include <nn/layers/take.h>
#include <nn/layers/transpose.h>
#include <nn/layers/unsqueeze.h>
#include <nn/layers/where.h>

namespace nn {
namespace {

using Arguments = std::span<const Deferred::Argument>;
using View = ExportedValues::View;
using B = Binary::Op;

// A view by a layer that changes the shape alone: other values go back under the shape before.
void give_reshaped(ExportedStep& step, std::function<Operand(const Operand&)> of,
                   bool certain = true, std::string_view argument = "self") {
  const ExportedLayers before = step.before();
  const auto put = [before](const Operand& base, const Operand& view) {
    return before.reshape(view, before.sizes_of(base));
  };
  step.give_view(argument, {std::move(of), put, certain});
}

void give_reshaped(ExportedStep& step, const Module& layer, bool certain = true) {
  const ExportedLayers layers = step.layers();
  give_reshaped(
      step, [layers, layer](const Operand& base) { return layers.add(layer, {base}); }, certain);
}

// PyTorch's reshape is a view where strides allow it, else a copy.
bool is_surely_view(const ExportedStep& step) { return step.is_contiguous("self") == true; }

void reshape_as(ExportedStep& step, const Operand& sizes, bool certain) {
  const ExportedLayers layers = step.layers();
  give_reshaped(
      step, [layers, sizes](const Operand& base) { return layers.reshape(base, sizes); }, certain);
}

// Do the last two sizes stay?
bool keeps_matrices(const ExportedStep& step) {
  const auto& from = step.described("self").sizes;
  const auto& to = step.described_result().sizes;
  if (from.size() < 2 || to.size() < 2) return false;
  for (std::size_t i = 1; i <= 2; ++i) {
    const auto& a = from[from.size() - i].value;
    if (!a || a != to[to.size() - i].value) return false;
  }
  return true;
}

void view(ExportedStep& step) {
  reshape_as(step, step.sizes("size"), true);
  if (keeps_matrices(step)) step.repeats_matrix_of("self");
}
void reshape(ExportedStep& step) { reshape_as(step, step.sizes("shape"), is_surely_view(step)); }
void view_as(ExportedStep& step) {
  reshape_as(step, step.before().sizes_of(step.tensor("other")), true);
}
void reshape_as_other(ExportedStep& step) {
  reshape_as(step, step.before().sizes_of(step.tensor("other")), is_surely_view(step));
}

// Strides as those of a contiguous tensor, of one that is contiguous: another shape.
void as_strided(ExportedStep& step) {
  if (step.integer("storage_offset", 0) != 0 || step.is_contiguous("self") != true ||
      ExportedStep::is_contiguous(step.described_result()) != true) {
    fail("strides that are not a contiguous tensor's are not supported");
  }
  reshape_as(step, step.sizes("size"), true);
}

void flatten(ExportedStep& step) {
  give_reshaped(
      step,
      Flatten({.start_dim = step.integer("start_dim", 0), .end_dim = step.integer("end_dim", -1)}),
      is_surely_view(step));
}

// One dimension becomes several, of which one may be -1.
void unflatten(ExportedStep& step) {
  const std::int64_t dim = step.integer("dim");
  const Operand sizes = step.sizes("sizes");
  const ExportedLayers layers = step.layers(), before = step.before();
  const std::size_t rank = step.rank("self");
  const auto at = static_cast<std::int64_t>(normalize_dim(dim, rank));
  const auto of = [=](const Operand& base) {
    const Operand own = before.sizes_of(base);
    Operand parts = sizes;
    if (sizes.known()) {
      const auto wanted = sizes.constant->as<std::int64_t>();
      std::vector<std::int64_t> filled(wanted.begin(), wanted.end());
      const auto open = std::ranges::find(filled, -1);
      // At another dimension than the first, the first stays what it is.
      if (open != filled.end() && at != 0) {
        const auto size_of = [filled](Arguments arguments) {
          std::vector<std::int64_t> result = filled;
          std::optional<std::int64_t> rest = 1;
          for (const std::int64_t size : result) {
            if (size != -1 && rest) rest = checked_multiply(*rest, size);
          }
          const auto divided = arguments[0].integers();
          if (divided.empty()) fail("the tensor has fewer dimensions than the file says");
          if (!rest || *rest <= 0) fail("sizes ", Shape(filled), " do not divide a dimension");
          for (std::int64_t& size : result) {
            if (size == -1) size = divided[0] / *rest;
          }
          return Module(Constant(Tensor::from(std::span<const std::int64_t>(result),
                                              {static_cast<std::int64_t>(result.size())})));
        };
        const Operand size = before.add(Slice({.dim = 0, .start = at, .end = at + 1}), {own});
        parts = before.add({}, {.kind = "Constant", .make = size_of}, {size}, DType::int64);
      }
    }
    std::vector<Operand> all;
    if (at > 0) all.push_back(before.add(Slice({.dim = 0, .start = 0, .end = at}), {own}));
    all.push_back(parts);
    if (at + 1 < static_cast<std::int64_t>(rank)) {
      all.push_back(before.add(Slice({.dim = 0, .start = at + 1}), {own}));
    }
    return layers.reshape(base, all.size() == 1 ? all[0] : before.add(Concat({.dim = 0}), all));
  };
  give_reshaped(step, of, true);
}

void squeeze(ExportedStep& step) {
  std::vector<std::int64_t> dims = step.integers("dim");
  if (!step.gives("dim")) {  // those that had one element when the program was exported
    const auto& sizes = step.described("self").sizes;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (sizes[i].value == 1) dims.push_back(static_cast<std::int64_t>(i));
    }
  }
  if (dims.empty()) return step.give_same("self");
  give_reshaped(step, Squeeze({.dims = dims}));
}

void unsqueeze(ExportedStep& step) { give_reshaped(step, Unsqueeze({.dim = step.integer("dim")})); }

// A view by a layer with a layer that goes back.
void give_moved(ExportedStep& step, const Module& there, const Module& back) {
  const ExportedLayers layers = step.layers(), before = step.before();
  step.give_view("self", {[layers, there](const Operand& x) { return layers.add(there, {x}); },
                          [before, back](const Operand&, const Operand& view) {
                            return before.add(back, {view});
                          }});
}

void give_permuted(ExportedStep& step, const std::vector<std::int64_t>& dims) {
  std::vector<std::int64_t> back(dims.size());
  for (std::size_t i = 0; i < dims.size(); ++i) {
    back[normalize_dim(dims[i], dims.size())] = static_cast<std::int64_t>(i);
  }
  give_moved(step, Permute({.dims = dims}), Permute({.dims = back}));
}

void permute(ExportedStep& step) { give_permuted(step, step.integers("dims")); }

void give_transposed(ExportedStep& step, std::int64_t dim0, std::int64_t dim1) {
  const Transpose layer({.dim0 = dim0, .dim1 = dim1});
  give_moved(step, layer, layer);
}

void transpose(ExportedStep& step) {
  give_transposed(step, step.integer("dim0"), step.integer("dim1"));
}
void swap_axes(ExportedStep& step) {
  give_transposed(step, step.integer("axis0"), step.integer("axis1"));
}
void turn(ExportedStep& step) {
  if (step.rank("self") < 2) return step.give_same("self");
  give_transposed(step, 0, 1);
}
void turn_matrices(ExportedStep& step) { give_transposed(step, -2, -1); }
void turn_all(ExportedStep& step) {
  std::vector<std::int64_t> dims;
  for (std::size_t i = step.rank("self"); i-- > 0;) dims.push_back(static_cast<std::int64_t>(i));
  give_permuted(step, dims);
}

void move_dims(ExportedStep& step) {
  const std::size_t rank = step.rank("self");
  if (rank == 0) return step.give_same("self");
  const auto from = step.integers("source"), to = step.integers("destination");
  if (from.size() != to.size()) fail("it moves ", from.size(), " dimensions to ", to.size());
  std::vector<std::int64_t> dims(rank, -1);
  std::vector<bool> moved(rank);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t source = normalize_dim(from[i], rank), place = normalize_dim(to[i], rank);
    if (moved[source] || dims[place] != -1) fail("it moves a dimension twice");
    dims[place] = static_cast<std::int64_t>(source);
    moved[source] = true;
  }
  std::size_t next = 0;
  for (std::int64_t& dim : dims) {
    if (dim != -1) continue;
    while (moved[next]) ++next;
    dim = static_cast<std::int64_t>(next++);
  }
  give_permuted(step, dims);
}

// Is a first dimension that the tensor has not, or of one element, repeated for each row?
bool may_be_for_rows(const ExportedStep& step, std::size_t wanted_rank) {
  const auto& sizes = step.described("self").sizes;
  return sizes.size() < wanted_rank || sizes.empty() || sizes[0].value == 1;
}

// Known values that repeat to much more are repeated in the run, if anything reads them there.
bool is_large_repetition(const ExportedStep& step) {
  const Operand x = step.tensor("self");
  if (!x.known()) return false;
  std::optional<std::int64_t> count = 1;
  for (const io::ExportedSize& size : step.described_result().sizes) {
    count = count && size.value ? checked_multiply(*count, *size.value) : std::nullopt;
  }
  constexpr std::int64_t large = std::int64_t{1} << 18;
  return !count || (*count > large && *count > x.constant->numel());
}

void expand_as(ExportedStep& step, const Operand& sizes, std::size_t rank) {
  const ExportedLayers layers = step.layers();
  const bool for_rows = may_be_for_rows(step, rank);
  const bool stays = is_large_repetition(step);
  step.give_view("self", {[=](const Operand& x) {
                            return layers.expand(stays ? layers.at_run(x) : x, sizes, for_rows);
                          },
                          nullptr});
  const Operand x = step.tensor("self");
  if (!x.known() || !keeps_matrices(step)) return;
  const Shape& shape = x.constant->shape();
  if (shape.rank() < 2) return;
  if (shape.numel(0, shape.rank() - 2) != 1) return;
  step.repeats_matrix(std::make_shared<const Tensor>(
      x.constant->reshaped({shape[shape.rank() - 2], shape[shape.rank() - 1]})));
}

// Grids of coordinates: tensor i along dimension i, repeated along the others.
void meshgrid(ExportedStep& step) {
  const std::string indexing = step.text("indexing", "ij");
  auto inputs = step.tensors("tensors");
  if (indexing != "ij" && indexing != "xy") {
    fail("argument 'indexing' is '", printable(indexing), "', expected ij or xy");
  }
  const ExportedLayers before = step.before();
  std::vector<Operand> counts;
  for (Operand& input : inputs) {
    input = before.add(Reshape({.shape = {-1}}), {input});  // a number is a line of one
    counts.push_back(before.add(Slice({.dim = 0, .start = 0, .end = 1}), {before.sizes_of(input)}));
  }
  const bool swapped = indexing == "xy" && inputs.size() > 1;
  if (swapped) std::swap(counts[0], counts[1]);
  const Operand sizes = counts.size() == 1 ? counts[0] : before.add(Concat({.dim = 0}), counts);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::size_t place = swapped && i < 2 ? 1 - i : i;
    Operand x = inputs[i];
    for (std::size_t d = 0; d < inputs.size(); ++d) {
      if (d != place) x = before.add(Unsqueeze({.dim = static_cast<std::int64_t>(d)}), {x});
    }
    step.give(step.layers().expand(x, sizes, false), i);
  }
}

void expand(ExportedStep& step) { expand_as(step, step.sizes("size"), step.count("size")); }
void expand_as_other(ExportedStep& step) {
  expand_as(step, step.before().sizes_of(step.tensor("other")), step.rank("other"));
}

void same(ExportedStep& step) { step.give_same("self"); }
void copy_of_self(ExportedStep& step) { step.give(step.tensor("self")); }

void contiguous(ExportedStep& step) {
  const auto contiguous = step.is_contiguous("self");
  if (contiguous == true) return step.give_same("self");
  if (contiguous == false) return step.give(step.tensor("self"));
  step.give_view("self", {[](const Operand& x) { return x; },
                          [](const Operand&, const Operand& view) { return view; }, false});
}

// To another element type; the tensor itself where it has it.
void to(ExportedStep& step) {
  const DType dtype = step.result_dtype();
  const bool copies = step.boolean("copy", false);
  if (dtype == step.dtype("self") && !copies) return step.give_same("self");
  give_computed(step, step.layers().cast(step.tensor("self"), computed_as(dtype)), dtype);
}

void to_copy(ExportedStep& step) {
  const DType dtype = step.result_dtype();
  give_computed(step, step.layers().cast(step.tensor("self"), computed_as(dtype)), dtype);
}

constexpr std::array rows{
    ExportedOperator{"view.default", view},
    ExportedOperator{"reshape.default", reshape},
    ExportedOperator{"view_as.default", view_as},
    ExportedOperator{"reshape_as.default", reshape_as_other},
    ExportedOperator{"as_strided.default", as_strided},
    ExportedOperator{"flatten.using_ints", flatten},
    ExportedOperator{"unflatten.int", unflatten},
    ExportedOperator{"squeeze.default", squeeze},
    ExportedOperator{"squeeze.dim", squeeze},
    ExportedOperator{"squeeze.dims", squeeze},
    ExportedOperator{"unsqueeze.default", unsqueeze},
    ExportedOperator{"permute.default", permute},
    ExportedOperator{"transpose.int", transpose},
    ExportedOperator{"swapaxes.default", swap_axes},
    ExportedOperator{"t.default", turn},
    ExportedOperator{"numpy_T.default", turn_all},
    ExportedOperator{"mT.default", turn_matrices},
    ExportedOperator{"movedim.int", move_dims},
    ExportedOperator{"movedim.intlist", move_dims},
    ExportedOperator{"expand.default", expand},
    ExportedOperator{"expand_as.default", expand_as_other},
    ExportedOperator{"broadcast_to.default", expand},
    ExportedOperator{"meshgrid.default", meshgrid},
    ExportedOperator{"meshgrid.indexing", meshgrid},
    ExportedOperator{"contiguous.default", contiguous},
    ExportedOperator{"clone.default", copy_of_self},
    ExportedOperator{"lift_fresh_copy.default", copy_of_self},
    ExportedOperator{"lift_fresh.default", same},
    ExportedOperator{"alias.default", same},
    ExportedOperator{"positive.default", same},
    ExportedOperator{"detach.default", same},
    ExportedOperator{"detach_.default", same},
    ExportedOperator{"to.dtype", to},
    ExportedOperator{"to.dtype_layout", to},
    ExportedOperator{"to.device", to},
    ExportedOperator{"to.other", to},
    ExportedOperator{"type_as.default", to},
    ExportedOperator{"_to_copy.default", to_copy},
};

}  // namespace

std::span<const ExportedOperator> exported_view_operators() { return rows; }

}  // namespace nn
