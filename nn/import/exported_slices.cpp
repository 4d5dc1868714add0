#include <nn/import/exported_slices.h>
#include <nn/layers/concat.h>
#include <nn/layers/slice.h>
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

}  // namespace nn
