#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <nn/graph.h>
#include <nn/import/imported_graph.h>
#include <nn/layers/deferred.h>

namespace nn {

// A value while a graph is imported: known already, a weight or what was computed from weights
// alone, or computed when the graph runs.
struct Operand {
  std::shared_ptr<const Tensor> constant;  // null: `value` counts
  Value value;
  DType computed = DType::float32;  // the element type of `value`
  std::optional<DType> told = {};   // the file's, where it is told and another one is computed in

  bool known() const { return constant != nullptr; }
  DType dtype() const { return known() ? constant->dtype() : computed; }
};

// Builds a graph from a file's operators, one after another, and keeps the file's names of values.
// What depends on constants alone is computed at once and leaves no node behind. Errors do not name
// the operator; the importers do.
class GraphBuilder {
 public:
  // Tells the graph's input or a weight by the file's name. Throws Error when it is taken.
  void define(std::string name, Operand operand);
  // Adds an input to the graph and defines it.
  void input(const std::string& name, DType dtype = DType::float32);
  // Adds an input to the graph without defining it.
  Operand graph_input(const std::string& name, DType dtype);
  bool defines(const std::string& name) const { return by_name_.contains(name); }
  // Throws Error when there is none of the name.
  const Operand& at(std::string_view name) const;

  // Tells the float32 numbers that integers of the name are, for those who compute in floats.
  void tell_floats(std::string name, Operand operand) {
    floats_.emplace(std::move(name), std::move(operand));
  }
  const Operand* floats_of(const std::string& name) const {
    const auto found = floats_.find(name);
    return found == floats_.end() ? nullptr : &found->second;
  }

  // Adds a layer under a name that nothing else has, or computes its outputs.
  std::vector<Operand> add(std::string_view name, const Module& layer,
                           std::span<const Operand> inputs);
  // The same for a layer that is made of the values of `arguments`: now, or by resolve_sizes when
  // they are computed from sizes. `make` takes them in that order; without inputs the outputs are of
  // `dtype`.
  std::vector<Operand> add(std::string_view name, std::span<const Operand> inputs,
                           Deferred::Options deferred, std::span<const Operand> arguments,
                           DType dtype = DType::float32);
  void output(const Operand& operand, const std::string& name);

  // A tensor of one number, which a file asks for in a few bytes. Throws Error when all of these
  // together are too large.
  Operand filled(const Shape& shape, const Tensor& number);
  void limit_filled(std::uint64_t bytes) { most_filled_bytes_ = bytes; }
  // From now on a size of `rows` in front of others means the number of rows of the graph's first
  // input, which it was when the file was written (nn/import/free_rows.h).
  void free_rows(std::int64_t rows) { free_rows_ = rows; }
  // Sizes that a layer is to give, with the first one free where that is meant.
  Operand freed(const Operand& sizes);
  // A constant of one row, where a graph for one row has it beside rows: repeated for each of these.
  Operand freed_constant(const Operand& constant);
  // The graph's first input, whose dim 0 tells the number of rows. Throws Error when there is none.
  Operand first_input() const;

  // The operand as a value of the graph; a constant becomes a node, once.
  Value value_of(const Operand& operand);
  // What was defined and is computed in a run, by the file's names, in the order of the values.
  std::vector<NamedValue> named_values() const;
  Graph take() && { return std::move(graph_); }

 private:
  std::string unique(std::string_view name) const;

  Graph graph_;
  std::unordered_set<const Tensor*> seen_;
  std::uint64_t given_bytes_ = 0;     // of weights that something was computed from
  std::uint64_t computed_bytes_ = 0;  // out of these
  std::uint64_t filled_bytes_ = 0;
  std::uint64_t most_filled_bytes_ = std::uint64_t{1} << 30;
  std::optional<std::int64_t> free_rows_;
  std::optional<Operand> first_input_;
  std::unordered_map<std::string, Operand> by_name_;
  std::unordered_map<std::string, Operand> floats_;
  std::unordered_map<const Tensor*, Value> constants_;
};

}  // namespace nn
