#include <algorithm>
#include <ostream>
#include <unordered_map>

#include <nn/graph.h>

namespace nn {

Graph::Graph(std::initializer_list<Item> chain) {
  Value value = input();
  for (const Item& item : chain) {
    const std::vector<Value> values = item.layer_ ? add_all(item.name_, *item.layer_, {{value}})
                                                  : add_graph(item.name_, *item.graph_, {{value}});
    if (values.size() != 1) {
      fail("layer '", item.name_, "': expected 1 output in a list of layers, got ", values.size());
    }
    value = values[0];
  }
  output(value);
}

Value Graph::input(std::string name) {
  for (const Port& port : inputs_) {
    if (port.name == name) fail("input '", name, "': the name is taken");
  }
  inputs_.push_back({std::move(name), new_value()});
  return inputs_.back().value;
}

Value Graph::add(std::string name, Module layer, std::initializer_list<Value> inputs) {
  const std::size_t count = layer.output_count();
  if (count != 1) fail("layer '", name, "': has ", count, " outputs: use add_all");
  return add_all(std::move(name), std::move(layer), {inputs.begin(), inputs.size()})[0];
}

std::vector<Value> Graph::add_all(std::string name, Module layer, std::span<const Value> inputs) {
  if (name.empty()) fail("layer '' (", layer.kind(), "): expected a name");
  for (const Value value : inputs) require_value(name, value);
  if (!names_.insert(name).second) {
    fail("layer '", name, "' (", layer.kind(), "): the name is taken");
  }
  Node node{std::move(name), std::move(layer), {inputs.begin(), inputs.end()}, {}};
  for (std::size_t i = 0; i < node.layer.output_count(); ++i) node.outputs.push_back(new_value());
  nodes_.push_back(std::move(node));
  return nodes_.back().outputs;
}

std::vector<Value> Graph::add_graph(const std::string& name, const Graph& graph,
                                    std::span<const Value> inputs) {
  if (inputs.size() != graph.inputs_.size()) {
    fail("graph '", name, "': expected ", graph.inputs_.size(), " inputs, got ", inputs.size());
  }
  std::vector<Value> here(graph.value_count_);  // the inner graph's values as this graph's
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    require_value(name, inputs[i]);
    here[static_cast<std::size_t>(graph.inputs_[i].value.id)] = inputs[i];
  }
  for (const Node& node : graph.nodes_) {
    std::vector<Value> reads;
    for (const Value value : node.inputs) reads.push_back(here[static_cast<std::size_t>(value.id)]);
    const std::vector<Value> added = add_all(name + "." + node.name, node.layer, reads);
    for (std::size_t i = 0; i < added.size(); ++i) {
      here[static_cast<std::size_t>(node.outputs[i].id)] = added[i];
    }
  }
  std::vector<Value> outputs;
  for (const Port& port : graph.outputs_) {
    outputs.push_back(here[static_cast<std::size_t>(port.value.id)]);
  }
  return outputs;
}

void Graph::output(Value value, std::string name) {
  require_value(name, value);
  for (const Port& port : outputs_) {
    if (port.name == name) fail("output '", name, "': the name is taken");
  }
  outputs_.push_back({std::move(name), value});
}

void Graph::require_value(std::string_view who, Value value) const {
  if (value.id < 0 || static_cast<std::size_t>(value.id) >= value_count_) {
    fail("'", who, "': reads a value that this graph does not have");
  }
}

const Node* Graph::find(std::string_view name) const {
  if (!names_.contains(std::string(name))) return nullptr;
  const auto found = std::ranges::find(nodes_, name, &Node::name);
  return found == nodes_.end() ? nullptr : &*found;
}

std::vector<std::size_t> Graph::readers(Value value) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (std::ranges::count(nodes_[i].inputs, value) > 0) found.push_back(i);
  }
  return found;
}

bool Graph::is_output(Value value) const {
  return std::ranges::any_of(outputs_, [&](const Port& port) { return port.value == value; });
}

namespace {

// Both faces of `parameters`: the nodes' own under the node's name.
template <class Named, class Nodes>
std::vector<Named> parameters_of(Nodes& nodes) {
  std::vector<Named> all;
  for (auto& node : nodes) {
    for (const auto& own : node.layer.parameters()) {
      if (own.parameter.declared()) {
        all.push_back({node.name + "." + own.name, own.parameter, own.role});
      }
    }
  }
  return all;
}

}  // namespace

std::vector<Graph::NamedParameter> Graph::parameters() {
  return parameters_of<NamedParameter>(nodes_);
}

std::vector<Module::ConstNamedParameter> Graph::parameters() const {
  return parameters_of<Module::ConstNamedParameter>(nodes_);
}

std::int64_t Graph::parameter_count() const {
  std::int64_t count = 0;
  for (const auto& [name, parameter, role] : parameters()) {
    if (role == Role::parameter) count += parameter.shape().numel();
  }
  return count;
}

void Graph::replace(std::size_t node, Module layer) {
  Node& replaced = nodes_.at(node);
  if (layer.output_count() != replaced.outputs.size()) {
    fail(to_text(replaced), ": expected a layer with ", replaced.outputs.size(), " outputs, got ",
         layer.output_count());
  }
  replaced.layer = std::move(layer);
}

void Graph::replace(std::size_t node, Module layer, std::span<const Value> inputs) {
  for (const Value value : inputs) require_value(nodes_.at(node).name, value);
  std::vector<Value> reads(inputs.begin(), inputs.end());
  replace(node, std::move(layer));
  nodes_[node].inputs = std::move(reads);
}

void Graph::drop_unread() {
  std::vector<bool> read(value_count_);
  const auto at = [&](Value value) { return read[static_cast<std::size_t>(value.id)]; };
  for (const Port& port : outputs_) read[static_cast<std::size_t>(port.value.id)] = true;
  std::vector<Node> kept;
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    if (std::ranges::none_of(nodes_[i].outputs, at)) {
      names_.erase(nodes_[i].name);
      continue;
    }
    for (const Value value : nodes_[i].inputs) read[static_cast<std::size_t>(value.id)] = true;
    kept.push_back(std::move(nodes_[i]));
  }
  std::ranges::reverse(kept);
  nodes_ = std::move(kept);
}

void Graph::bypass(std::size_t node) {
  const Node& gone = nodes_.at(node);
  if (gone.inputs.size() != 1 || gone.outputs.size() != 1) {
    fail(to_text(gone), ": only a node of one input and one output can be bypassed");
  }
  names_.erase(gone.name);
  const Value before = gone.inputs[0];
  const Value after = gone.outputs[0];
  nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(node));
  for (Node& reader : nodes_) std::ranges::replace(reader.inputs, after, before);
  for (Port& port : outputs_) {
    if (port.value == after) port.value = before;
  }
}

void Graph::prepare(std::size_t node, std::span<const TensorSpec> in, const PackOptions& options) {
  nodes_.at(node).layer.prepare(in);
  nodes_.at(node).layer.pack(in, options);
}

std::string to_text(const Node& node) {
  return concat("layer '", node.name, "' (", node.layer.kind(), ")");
}

std::string to_text(const Graph& graph) {
  std::unordered_map<std::int32_t, std::string> names;
  for (const Graph::Port& port : graph.inputs()) names[port.value.id] = port.name;
  bool chain = graph.inputs().size() == 1;
  Value last = chain ? graph.inputs()[0].value : Value{};
  for (const Node& node : graph.nodes()) {
    chain = chain && node.inputs.size() == 1 && node.inputs[0] == last && node.outputs.size() == 1;
    last = node.outputs.empty() ? Value{} : node.outputs[0];
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      names[node.outputs[i].id] =
          node.outputs.size() == 1 ? node.name : concat(node.name, "[", i, "]");
    }
  }
  std::string text;
  for (const Node& node : graph.nodes()) {
    text += concat("(", node.name, "): ", node.layer.kind(), "(", node.layer.extra_repr(), ")");
    for (std::size_t i = 0; !chain && i < node.inputs.size(); ++i) {
      text += (i == 0 ? " <- " : ", ") + names[node.inputs[i].id];
    }
    text += "\n";
  }
  return text;
}

std::ostream& operator<<(std::ostream& out, const Graph& graph) { return out << to_text(graph); }

namespace {

// Before anyone plans for it, or asks the system for memory that it may promise and not have.
void require_fits(const TensorSpec& spec) {
  constexpr std::size_t most = std::size_t{1} << 38;
  if (nbytes(spec) > most) {
    fail("its output ", spec.dtype, " ", spec.shape, " takes more than ", most, " bytes (256 GiB)");
  }
}

}  // namespace

std::vector<TensorSpec> infer(const Graph& graph, std::span<const TensorSpec> inputs) {
  if (inputs.size() != graph.inputs().size()) {
    fail("expected ", graph.inputs().size(), " inputs, got ", inputs.size());
  }
  std::vector<TensorSpec> specs(graph.value_count());
  const auto at = [&](Value value) -> TensorSpec& {
    return specs[static_cast<std::size_t>(value.id)];
  };
  for (std::size_t i = 0; i < inputs.size(); ++i) at(graph.inputs()[i].value) = inputs[i];
  for (const Node& node : graph.nodes()) {
    std::vector<TensorSpec> in;
    for (const Value value : node.inputs) in.push_back(at(value));
    std::vector<TensorSpec> out;
    try {
      out = node.layer.outputs(in);
      for (const TensorSpec& spec : out) require_fits(spec);
    } catch (const Error& error) {
      fail(to_text(node), ": ", error.what());
    }
    if (out.size() != node.outputs.size()) {
      fail(to_text(node), ": expected ", node.outputs.size(), " output shapes, got ", out.size());
    }
    for (std::size_t i = 0; i < out.size(); ++i) at(node.outputs[i]) = out[i];
  }
  return specs;
}

}  // namespace nn
