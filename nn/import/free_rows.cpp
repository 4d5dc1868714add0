#include <algorithm>

#include <nn/import/free_rows.h>
#include <nn/passes/other_rows.h>
#include <nn/passes/resolve_sizes.h>
#include <nn/passes/separate_rows.h>
#include <nn/plan.h>

namespace nn {
namespace {

// The inputs as declared; nothing where a size is not told.
std::optional<std::vector<TensorSpec>> declared_specs(const std::vector<DeclaredInput>& inputs) {
  std::vector<TensorSpec> specs;
  for (const DeclaredInput& input : inputs) {
    std::vector<std::int64_t> sizes;
    for (const DeclaredInput::Size& size : input.sizes) {
      if (!size.size) return std::nullopt;
      sizes.push_back(*size.size);
    }
    specs.push_back({Shape(sizes), input.dtype});
  }
  return specs;
}

// Does every layer treat the rows of such inputs independently, also when there is one more?
bool serves_any_rows(const Graph& graph, std::vector<TensorSpec> specs) {
  const std::int64_t rows = specs[0].shape[0];
  for (const bool another : {false, true}) {
    for (TensorSpec& spec : specs) {
      const bool has_rows = spec.shape.rank() > 0 && spec.shape[0] == rows;
      if (another && has_rows) spec.shape = spec.shape.with(0, rows + 1);
    }
    const Graph resolved = resolve_sizes(graph, specs);
    const auto batched = row_wise_values(resolved, infer(resolved, specs));
    if (!batched) return false;
    for (const Graph::Port& port : resolved.outputs()) {
      if (!(*batched)[static_cast<std::size_t>(port.value.id)]) return false;
    }
  }
  return true;
}

// Does a graph for one row keep rows apart, so that it runs for each of many?
bool serves_each_row(const Graph& graph, std::span<const TensorSpec> specs) {
  const std::vector<bool> have_rows = inputs_with_rows(specs);
  const std::vector<TensorSpec> one_row = with_rows(specs, have_rows, 1);
  infer(resolve_sizes(graph, specs), specs);  // as many as the file has
  const Graph resolved = resolve_sizes(graph, one_row);
  return separate_rows(resolved, infer(resolved, one_row), have_rows) &&
         rows_change_shapes_alone(graph, one_row);
}

bool free_for(const Graph& graph, std::span<const TensorSpec> specs, bool each_row) {
  try {
    return each_row ? serves_each_row(graph, specs)
                    : serves_any_rows(graph, {specs.begin(), specs.end()});
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

ImportedGraph with_free_rows(
    const std::vector<DeclaredInput>& inputs,
    const std::function<ImportedGraph(std::optional<std::int64_t> rows)>& import) {
  const bool fixed = !inputs.empty() && !inputs[0].sizes.empty() && inputs[0].sizes[0].size;
  const std::int64_t rows = fixed ? *inputs[0].sizes[0].size : 0;
  const auto specs = fixed && rows > 0 ? declared_specs(inputs) : std::nullopt;
  if (!specs) return import(std::nullopt);
  const auto set_free = [&](ImportedGraph result) {
    for (DeclaredInput& input : result.inputs) {
      if (input.sizes.empty() || input.sizes[0].size != rows) continue;
      input.sizes[0] = {std::nullopt, "batch"};
    }
    return result;
  };
  try {
    ImportedGraph result = import(rows);
    if (free_for(result.graph, *specs, false) || free_for(result.graph, *specs, true)) {
      return set_free(std::move(result));
    }
  } catch (const Error&) {
    // As the file says, then; what is wrong with it is told there.
  }
  ImportedGraph result = import(std::nullopt);
  if (rows == 1 && free_for(result.graph, *specs, true)) return set_free(std::move(result));
  return result;
}

}  // namespace nn
