#include <nn/passes/other_rows.h>

namespace nn {

std::vector<bool> inputs_with_rows(std::span<const TensorSpec> inputs) {
  std::vector<bool> result;
  for (const TensorSpec& spec : inputs) {
    result.push_back(spec.shape.rank() > 0 && inputs[0].shape.rank() > 0 &&
                     spec.shape[0] == inputs[0].shape[0]);
  }
  return result;
}

std::vector<TensorSpec> with_rows(std::span<const TensorSpec> inputs,
                                  const std::vector<bool>& have_rows, std::int64_t rows) {
  std::vector<TensorSpec> result(inputs.begin(), inputs.end());
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (have_rows[i]) result[i].shape = result[i].shape.with(0, rows);
  }
  return result;
}

std::optional<std::int64_t> add_row(std::vector<TensorSpec>& inputs) {
  const std::vector<bool> have_rows = inputs_with_rows(inputs);
  if (have_rows.empty() || !have_rows[0]) return std::nullopt;
  const std::int64_t rows = inputs[0].shape[0];
  inputs = with_rows(inputs, have_rows, rows + 1);
  return rows;
}

std::vector<std::vector<TensorSpec>> specs_to_hold_for(const Graph& graph,
                                                       std::span<const TensorSpec> specs) {
  std::vector<std::vector<TensorSpec>> all;
  all.emplace_back(specs.begin(), specs.end());
  std::vector<TensorSpec> inputs;
  for (const Graph::Port& port : graph.inputs()) {
    inputs.push_back(specs[static_cast<std::size_t>(port.value.id)]);
  }
  const auto rows = add_row(inputs);
  if (!rows) return all;
  try {
    all.push_back(infer(graph, inputs));
  } catch (const Error&) {
    if (*rows != 1) all.clear();
  }
  return all;
}

}  // namespace nn
