#pragma once

#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <nn/module.h>

namespace nn {

// A tensor that flows through a graph: a graph's input or a node's output. A handle, only
// meaningful with the graph that returned it.
struct Value {
  std::int32_t id = -1;

  friend bool operator==(const Value&, const Value&) = default;
};

// A named layer and its edges.
struct Node {
  std::string name;
  Module layer;
  std::vector<Value> inputs;
  std::vector<Value> outputs;

  // The layer when it is an L, else null.
  template <class L>
  const L* as() const {
    return layer.as<L>();
  }
};

// The description of a network: named layers and their edges, a list or any DAG. It holds no
// activations and knows no sizes; a `Session` runs it. A value: a copy shares the weights' storage,
// and threads may read one graph at once while none changes it.
//
//   Graph net{{"fc1", Linear({.in_features = 4, .out_features = 8})}, {"relu", ReLU{}}};
//
//   Graph net;                                   // the same as a DAG, with a residual connection
//   Value x = net.input("x");
//   Value h = net.add("fc1", Linear({.in_features = 4, .out_features = 4}), {x});
//   net.output(net.add("sum", Add{}, {x, h}));
class Graph {
 public:
  // A layer or a graph under a name; what a list is made of.
  class Item;
  // A graph's input or output.
  struct Port {
    std::string name;
    Value value;
  };

  Graph() = default;
  // A chain from one input, "input", to one output, "output". Graphs in it are joined in, their
  // names behind a dot: {"layer1", Graph{{"0", Conv2d(…)}}} has the parameter "layer1.0.weight".
  Graph(std::initializer_list<Item> chain);

  // Builds a DAG, in the order of execution. Each throws Error for a name that is taken or empty
  // and for a value that is not of this graph.
  Value input(std::string name = "input");
  Value add(std::string name, Module layer, std::initializer_list<Value> inputs);
  // The same for a layer with several outputs.
  std::vector<Value> add_all(std::string name, Module layer, std::span<const Value> inputs);
  // Joins another graph in: "name.inner". As many inputs as it has.
  std::vector<Value> add_graph(const std::string& name, const Graph& graph,
                               std::span<const Value> inputs);
  void output(Value value, std::string name = "output");

  std::span<const Node> nodes() const { return nodes_; }
  std::span<const Port> inputs() const { return inputs_; }
  std::span<const Port> outputs() const { return outputs_; }
  // Values have ids below this.
  std::size_t value_count() const { return value_count_; }
  // The node of that name, or null.
  const Node* find(std::string_view name) const;
  // Indices of the nodes that read a value.
  std::vector<std::size_t> readers(Value value) const;
  bool is_output(Value value) const;

  // All layers' parameters under their full names ("conv1.weight"). What is assigned to one is this
  // graph's, not its copies'.
  struct NamedParameter {
    std::string name;
    Parameter& parameter;
    Role role;
  };
  std::vector<NamedParameter> parameters();
  // To read only.
  std::vector<Module::ConstNamedParameter> parameters() const;
  // The number of learned values, as sum(p.numel() for p in net.parameters()).
  std::int64_t parameter_count() const;

  // For passes, on their own copy of a graph. Another layer in a node's place, with as many
  // outputs:
  void replace(std::size_t node, Module layer);
  // The same for another layer that reads other values; they come before the node.
  void replace(std::size_t node, Module layer, std::span<const Value> inputs);
  // Takes away all nodes whose outputs nobody reads. Values keep their ids.
  void drop_unread();
  // Takes a node of one input and one output away: its readers read its input.
  void bypass(std::size_t node);
  // For a session, on its own copy: lets a node's layer prepare itself for inputs of these specs.
  void prepare(std::size_t node, std::span<const TensorSpec> in, const PackOptions& options = {});

 private:
  Value new_value() { return {static_cast<std::int32_t>(value_count_++)}; }
  void require_value(std::string_view who, Value value) const;

  std::vector<Port> inputs_;
  std::vector<Node> nodes_;
  std::unordered_set<std::string> names_;  // of the nodes
  std::vector<Port> outputs_;
  std::size_t value_count_ = 0;
};

class Graph::Item {
 public:
  Item(std::string name, Module layer)
      : name_(std::move(name)), layer_(std::make_shared<const Module>(std::move(layer))) {}
  Item(std::string name, Graph graph)
      : name_(std::move(name)), graph_(std::make_shared<const Graph>(std::move(graph))) {}

 private:
  friend class Graph;
  std::string name_;
  std::shared_ptr<const Module> layer_;  // one of the two is set
  std::shared_ptr<const Graph> graph_;
};

// One line a node: "(conv1): Conv2d(1, 20, kernel_size=(5, 5), stride=(1, 1))", in a DAG with what
// it reads: "(sum): Add() <- x, fc1".
std::string to_text(const Graph& graph);
std::ostream& operator<<(std::ostream& out, const Graph& graph);

// "layer 'conv1' (Conv2d)": how messages name a node.
std::string to_text(const Node& node);

// Shapes and dtypes of all values, indexed by id (ids that no node produces any more stay empty),
// from those of the graph's inputs. Throws Error naming the first layer that cannot take its
// inputs.
std::vector<TensorSpec> infer(const Graph& graph, std::span<const TensorSpec> inputs);

}  // namespace nn
