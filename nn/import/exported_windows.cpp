#include <cstdint>

#include <nn/import/exported_windows.h>
#include <nn/layers/squeeze.h>
#include <nn/layers/unsqueeze.h>

namespace nn {
namespace {

// Of a window: beyond these its sums would overflow.
std::vector<std::int64_t> bounded(std::vector<std::int64_t> values, std::string_view argument) {
  for (const std::int64_t value : values) {
    if (value > INT32_MAX) {
      fail("argument '", argument, "' holds ", value, ", expected at most ", INT32_MAX);
    }
  }
  return values;
}

}  // namespace

IntPair pair(const ExportedStep& step, std::string_view argument,
             std::optional<IntPair> otherwise) {
  const auto values = bounded(step.integers(argument), argument);
  if (values.empty() && otherwise) return *otherwise;
  if (values.size() == 1) return values[0];
  if (values.size() != 2) {
    fail("argument '", argument, "' has ", values.size(),
         " numbers, expected 2: pictures have a height and a width");
  }
  return {values[0], values[1]};
}

std::vector<std::int64_t> spread(const ExportedStep& step, std::string_view argument,
                                 std::int64_t otherwise, std::size_t count) {
  auto values = bounded(step.integers(argument, {otherwise}), argument);
  if (values.size() == 1) values.resize(count, values[0]);
  if (values.size() != count) {
    fail("argument '", argument, "' has ", values.size(), " numbers, expected ", count);
  }
  return values;
}

IntPair row(std::int64_t value, std::int64_t other) { return {other, value}; }

void give_row(ExportedStep& step, const Module& layer, std::string_view argument) {
  const ExportedLayers before = step.before();
  const Operand picture = before.add(Unsqueeze({.dim = -2}), {step.tensor(argument)});
  const Operand y = step.layers().add(layer, {picture});
  step.give(step.before().add(Squeeze({.dims = {-2}}), {y}));
}

}  // namespace nn
