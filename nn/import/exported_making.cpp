#include <algorithm>

#include <nn/checked.h>
#include <nn/import/common_layers.h>
#include <nn/import/exported_step.h>
#include <nn/layers/cast.h>
#include <nn/layers/expand.h>
#include <nn/layers/reshape.h>
#include <nn/layers/sizes_of.h>

namespace nn {
namespace {

using Arguments = std::span<const Deferred::Argument>;

// Sizes for Reshape: a first one that is the number of rows is left to the run. Where another one is
// left out, the input's sizes tell it.
Module reshape_to(Arguments arguments) {
  const auto wanted = arguments[0].integers();
  std::vector<std::int64_t> sizes(wanted.begin(), wanted.end());
  if (sizes.empty() || !arguments[0].follows_rows[0]) return Module(Reshape({.shape = sizes}));
  const auto open = std::ranges::find(sizes, -1);
  if (open != sizes.end()) {
    const auto own = arguments[1].integers();
    const std::int64_t count = Shape({own.data(), own.size()}).numel();
    std::optional<std::int64_t> rest = 1;
    for (const std::int64_t size : sizes) {
      if (size != -1 && rest) rest = checked_multiply(*rest, size);
    }
    if (!rest || *rest <= 0 || count % *rest != 0) return Module(Reshape({.shape = sizes}));
    *open = count / *rest;
  }
  sizes[0] = -1;
  return Module(Reshape({.shape = sizes}));
}

// -1 keeps a size; one that is repeated for each row takes their number from the second input.
Module expand_to(Arguments arguments, bool has_rows) {
  const auto wanted = arguments[0].integers(), own = arguments[1].integers();
  std::vector<std::int64_t> sizes(wanted.begin(), wanted.end());
  const bool follows = !sizes.empty() && arguments[0].follows_rows[0];
  if (follows && sizes.size() == own.size() && arguments[1].follows_rows[0]) sizes[0] = -1;
  const bool adds_rows = follows && sizes[0] != -1 && has_rows;
  return Module(Expand({.sizes = sizes, .rows_of_input = adds_rows}));
}

}  // namespace

Operand ExportedLayers::add(const Module& layer, const std::vector<Operand>& inputs) const {
  return context_->builder.add(name_, layer, inputs)[0];
}

std::vector<Operand> ExportedLayers::add_all(const Module& layer,
                                             const std::vector<Operand>& inputs) const {
  return context_->builder.add(name_, layer, inputs);
}

Operand ExportedLayers::add(const std::vector<Operand>& inputs, Deferred::Options deferred,
                            const std::vector<Operand>& arguments, DType dtype) const {
  deferred.inputs = inputs.size();
  return context_->builder.add(name_, inputs, std::move(deferred), arguments, dtype)[0];
}

Operand ExportedLayers::sizes_of(const Operand& x) const {
  if (x.known()) {
    const Shape& shape = x.constant->shape();
    return integers_of({shape.begin(), shape.end()});
  }
  const auto [found, added] = context_->sizes.emplace(x.value.id, Operand{});
  if (added) found->second = named(name_ + "_sizes").add(SizesOf{}, {x});
  return found->second;
}

Operand ExportedLayers::reshape(const Operand& x, const Operand& wanted) const {
  const Operand sizes = x.known() ? wanted : context_->builder.freed(wanted);
  Deferred::Options made{.kind = "Reshape", .inputs = 1, .make = reshape_to};
  if (sizes.known()) return add({x}, std::move(made), {sizes});
  return add({x}, std::move(made), {sizes, sizes_of(x)});
}

Operand ExportedLayers::expand(const Operand& x, const Operand& wanted, bool for_rows) const {
  const Operand sizes = context_->builder.freed(wanted);
  if (sizes.known()) {
    const auto known = sizes.constant->as<std::int64_t>();
    return add(Expand({.sizes = {known.begin(), known.end()}}), {x});
  }
  const bool has_rows = for_rows && context_->rows.has_value();
  std::vector<Operand> inputs{x};
  if (has_rows) inputs.push_back(*context_->rows);
  const auto make = [has_rows](Arguments arguments) { return expand_to(arguments, has_rows); };
  return add(inputs, {.kind = "Expand", .inputs = 1, .make = make}, {sizes, sizes_of(x)});
}

Operand ExportedLayers::cast(const Operand& x, DType dtype) const {
  return x.dtype() == dtype ? x : add(Cast({.dtype = dtype}), {x});
}

Operand ExportedLayers::at_run(const Operand& x) const {
  return {nullptr, context_->builder.value_of(x), x.dtype()};
}

}  // namespace nn
