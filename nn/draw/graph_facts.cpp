#include <limits>
#include <unordered_set>

#include <nn/draw/graph_facts.h>

namespace nn {
namespace {

using Seen = std::unordered_set<const Tensor*>;

// Adds a tensor of weights to a node's facts, its bytes where no earlier node has it.
void add_weights(NodeFacts& facts, const TensorSpec& spec, const Tensor* values, bool learned,
                 Seen& seen) {
  const bool first = values == nullptr || seen.insert(values).second;
  if (learned) facts.parameters += spec.shape.numel();
  if (learned && !first) facts.shared += spec.shape.numel();
  if (first) facts.weight_bytes += nbytes(spec);
}

NodeFacts facts_of(const Node& node, std::span<const TensorSpec> specs, Seen& seen) {
  NodeFacts facts{.name = node.name,
                  .kind = node.layer.kind(),
                  .arguments = node.layer.extra_repr(),
                  .inputs = node.inputs,
                  .outputs = node.outputs};
  for (const auto& [name, parameter, role] : node.layer.parameters()) {
    if (!parameter.declared()) continue;
    add_weights(facts, parameter.spec(), parameter.shared().get(), role == Role::parameter, seen);
  }
  if (const auto value = node.layer.constant()) {
    facts.constant = true;
    const bool weights = is_floating_point(value->dtype()) && value->numel() > 1;
    add_weights(facts, value->spec(), value.get(), weights, seen);
    return facts;
  }
  std::vector<TensorSpec> in;
  for (const Value value : node.inputs) in.push_back(specs[static_cast<std::size_t>(value.id)]);
  facts.multiply_adds = node.layer.multiply_adds(in);
  for (const Value value : node.outputs) {
    facts.output_bytes += nbytes(specs[static_cast<std::size_t>(value.id)]);
  }
  return facts;
}

// Sums are for people: what overflows is the largest number.
template <class T>
T sum(T a, T b) {
  T result{};
  return __builtin_add_overflow(a, b, &result) ? std::numeric_limits<T>::max() : result;
}

template <class T, class Of>
T total(std::span<const NodeFacts> nodes, Of of) {
  T result{};
  for (const NodeFacts& node : nodes) result = sum<T>(result, of(node));
  return result;
}

}  // namespace

std::int64_t GraphFacts::parameters() const {
  const auto own = [](const NodeFacts& node) { return node.parameters - node.shared; };
  return total<std::int64_t>(nodes, own);
}

std::int64_t GraphFacts::multiply_adds() const {
  return total<std::int64_t>(nodes, [](const NodeFacts& node) { return node.multiply_adds; });
}

std::size_t GraphFacts::weight_bytes() const {
  return total<std::size_t>(nodes, [](const NodeFacts& node) { return node.weight_bytes; });
}

std::size_t GraphFacts::output_bytes() const {
  return total<std::size_t>(nodes, [](const NodeFacts& node) { return node.output_bytes; });
}

std::size_t GraphFacts::input_bytes() const {
  std::size_t bytes = 0;
  for (const Graph::Port& port : inputs) bytes = sum(bytes, nbytes(spec(port.value)));
  return bytes;
}

GraphFacts facts_of(const Graph& graph, std::span<const TensorSpec> inputs) {
  GraphFacts facts;
  facts.specs = infer(graph, inputs);
  facts.inputs.assign(graph.inputs().begin(), graph.inputs().end());
  facts.outputs.assign(graph.outputs().begin(), graph.outputs().end());
  Seen seen;
  for (const Node& node : graph.nodes()) facts.nodes.push_back(facts_of(node, facts.specs, seen));
  return facts;
}

}  // namespace nn
