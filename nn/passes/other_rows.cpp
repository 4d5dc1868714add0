#include <nn/passes/other_rows.h>

namespace nn {

std::optional<std::int64_t> add_row(std::vector<TensorSpec>& inputs) {
  if (inputs.empty() || inputs[0].shape.rank() == 0) return std::nullopt;
  const std::int64_t rows = inputs[0].shape[0];
  for (TensorSpec& spec : inputs) {
    if (spec.shape.rank() > 0 && spec.shape[0] == rows) spec.shape = spec.shape.with(0, rows + 1);
  }
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
