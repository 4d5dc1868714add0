#include <nn/passes/resolve_sizes.h>
#include <nn/run_all.h>

namespace nn {
namespace {

std::size_t index(Value value) { return static_cast<std::size_t>(value.id); }

// How many times each value has yet to be read.
std::vector<std::size_t> readers(const Graph& graph) {
  std::vector<std::size_t> counts(graph.value_count());
  for (const Node& node : graph.nodes()) {
    for (const Value value : node.inputs) ++counts[index(value)];
  }
  return counts;
}

}  // namespace

void run_all(const Graph& graph, std::span<const ConstTensorView> inputs, const SeeValue& see) {
  std::vector<TensorSpec> specs;
  for (const ConstTensorView& input : inputs) specs.push_back(input.spec());
  const Graph resolved = resolve_sizes(graph, specs);
  infer(resolved, specs);  // says what does not fit before anything is computed
  std::vector<std::size_t> to_read = readers(resolved);
  std::vector<Tensor> computed(resolved.value_count());
  std::vector<ConstTensorView> values(resolved.value_count());
  for (std::size_t i = 0; i < inputs.size(); ++i)
    values[index(resolved.inputs()[i].value)] = inputs[i];
  for (const Node& node : resolved.nodes()) {
    std::vector<ConstTensorView> reads;
    for (const Value value : node.inputs) reads.push_back(values[index(value)]);
    std::vector<Tensor> results;
    try {
      results = nn::apply(node.layer, reads);
    } catch (const Error& error) {
      fail(to_text(node), ": ", error.what());
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
      see(node, i, results[i]);
      const std::size_t at = index(node.outputs[i]);
      if (to_read[at] == 0) continue;
      computed[at] = std::move(results[i]);
      values[at] = computed[at];
    }
    for (const Value value : node.inputs) {
      if (--to_read[index(value)] == 0) computed[index(value)] = {};
    }
  }
}

std::vector<Tensor> run_all(const Graph& graph, std::span<const ConstTensorView> inputs) {
  std::vector<Tensor> all(graph.value_count());
  run_all(graph, inputs, [&](const Node& node, std::size_t output, const Tensor& value) {
    all[index(node.outputs[output])] = value;
  });
  for (std::size_t i = 0; i < inputs.size() && i < graph.inputs().size(); ++i) {
    all[index(graph.inputs()[i].value)] = Tensor::copy_of(inputs[i]);
  }
  return all;
}

}  // namespace nn
