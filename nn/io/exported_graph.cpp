#include <utility>

#include <nn/io/exported_graph.h>
#include <nn/io/exported_tensor.h>

namespace nn::io {
namespace {

constexpr std::size_t most_inputs = 4096;  // of a node

ExportedNode::Input read_input(JsonReader& json, ExportedBudget& budget) {
  constexpr std::array<std::string_view, 3> keys = {"name", "arg", "kind"};
  constexpr std::uint64_t keyword = 2;
  ExportedNode::Input input;
  bool has_argument = false;
  budget.spend(sizeof(input));
  read_object(json, keys, [&](std::string_view key) {
    if (key == "name") {
      input.name = json.string();
    } else if (key == "arg") {
      input.argument = read_exported_argument(json, budget);
      has_argument = true;
    } else if (!json.take_null()) {  // null before 2.7
      input.keyword = json.unsigned_integer() == keyword;
    }
  });
  if (!has_argument) fail("input '", printable(input.name), "' has no 'arg'");
  return input;
}

void read_inputs(JsonReader& json, ExportedBudget& budget, ExportedNode& node) {
  json.begin_array();
  while (json.next_item()) {
    if (node.inputs.size() == most_inputs) fail("more than ", most_inputs, " inputs, the limit");
    node.inputs.push_back(read_input(json, budget));
    const std::string& name = node.inputs.back().name;
    if (!name.empty() && node.find(name) != &node.inputs.back().argument) {
      fail("input '", printable(name), "' is given twice");
    }
  }
}

std::vector<ExportedArgument> read_arguments(JsonReader& json, ExportedBudget& budget) {
  std::vector<ExportedArgument> arguments;
  json.begin_array();
  while (json.next_item()) {
    budget.spend(sizeof(ExportedArgument));
    arguments.push_back(read_exported_argument(json, budget));
  }
  return arguments;
}

ExportedNode read_node(JsonReader& json, ExportedBudget& budget) {
  constexpr std::array<std::string_view, 4> keys = {"target", "name", "inputs", "outputs"};
  ExportedNode node;
  read_object(json, keys, [&](std::string_view key) {
    if (key == "target") {
      node.target = json.string();
    } else if (key == "name") {
      if (!json.take_null()) node.name = json.string();
    } else if (key == "inputs") {
      at_place(concat("'", printable(node.target), "'"), [&] { read_inputs(json, budget, node); });
    } else {
      node.outputs = read_arguments(json, budget);
    }
  });
  if (node.target.empty()) fail("expected the 'target' of a node, the operator that it calls");
  return node;
}

// Up to PyTorch 2.8 nodes have no names: that of the first value has to do.
void name_node(ExportedNode& node, std::size_t index) {
  if (!node.name.empty()) return;
  node.name = concat("node_", index);
  if (node.outputs.empty()) return;
  const ExportedArgument& first = node.outputs.front();
  if (first.kind == ExportedArgument::Kind::tensor) node.name = first.text();
  if (first.kind == ExportedArgument::Kind::symbol) node.name = first.symbol().name;
}

void read_nodes(JsonReader& json, ExportedBudget& budget, std::vector<ExportedNode>& nodes) {
  json.begin_array();
  while (json.next_item()) {
    if (nodes.size() == most_exported_nodes) {
      fail("more than ", most_exported_nodes, " nodes, the limit");
    }
    budget.spend(sizeof(ExportedNode));
    at_place(concat("node ", nodes.size()), [&] { nodes.push_back(read_node(json, budget)); });
    name_node(nodes.back(), nodes.size() - 1);
  }
}

// {name: value, …} into a map, each value taken by read().
template <class Value, class Read>
void read_map(JsonReader& json, ExportedBudget& budget, ExportedMap<Value>& map, Read&& read) {
  constexpr std::size_t overhead = 64;
  json.begin_object();
  while (auto name = json.next_key()) {
    budget.spend(sizeof(Value) + overhead);
    const auto [place, added] = map.emplace(std::move(*name), Value{});
    if (!added) fail("the value '", printable(place->first), "' is described twice");
    place->second = at_place(concat("value '", printable(place->first), "'"), read);
  }
}

}  // namespace

ExportedEnds read_exported_graph(JsonReader& json, ExportedBudget& budget,
                                 ExportedProgram& program) {
  constexpr std::array<std::string_view, 5> keys = {"inputs", "outputs", "nodes", "tensor_values",
                                                    "sym_int_values"};
  ExportedEnds ends;
  read_object(json, keys, [&](std::string_view key) {
    if (key == "inputs") {
      ends.inputs = read_arguments(json, budget);
    } else if (key == "outputs") {
      ends.outputs = read_arguments(json, budget);
    } else if (key == "nodes") {
      read_nodes(json, budget, program.nodes);
    } else if (key == "tensor_values") {
      read_map(json, budget, program.tensors, [&] { return read_exported_tensor(json, budget); });
    } else {
      read_map(json, budget, program.symbols, [&] { return read_exported_size(json); });
    }
  });
  return ends;
}

}  // namespace nn::io
