#pragma once

#include <nn/import/exported_step.h>

namespace nn {

// Bounds of a slice that are known.
struct SliceBounds {
  std::int64_t dim, start, end, step;

  // Whether what is before the slice and what is behind it do not overlap.
  bool splits() const {
    return step == 1 &&
           (start == 0 || end == INT64_MAX || ((start < 0) == (end < 0) && start <= end));
  }
};

// Nothing when one is computed from sizes.
std::optional<SliceBounds> known_bounds(const ExportedStep& step);

// `base` with other elements in the place of [start, end) of a dimension, or of those at an index,
// which `part` has no dimension for.
Operand replaced(const ExportedLayers& layers, const Operand& base, const Operand& part,
                 std::int64_t dim, std::int64_t start, std::int64_t end);
Operand replaced_at(const ExportedLayers& layers, const Operand& base, const Operand& part,
                    std::int64_t dim, std::int64_t index);

}  // namespace nn
