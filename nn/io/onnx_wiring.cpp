#include <algorithm>
#include <unordered_set>

#include <nn/io/onnx_wiring.h>

namespace nn::io {
namespace {

constexpr std::size_t most_values = 262'144;

using Names = std::unordered_set<std::string_view>;

void check_unique(const std::vector<OnnxValue>& values, std::string_view what) {
  Names names;
  for (const OnnxValue& value : values) {
    if (!names.insert(value.name).second) {
      fail("two ", what, " of the graph are named '", printable(value.name), "'");
    }
  }
}

Names values_at_start(const OnnxModel& model) {
  Names defined;
  for (const OnnxTensor& tensor : model.initializers) {
    if (!defined.insert(tensor.name).second) {
      fail("two initializers are named '", printable(tensor.name), "'");
    }
  }
  for (const std::string& name : model.sparse_initializers) {
    if (!defined.insert(name).second) fail("two initializers are named '", printable(name), "'");
  }
  check_unique(model.inputs, "inputs");
  for (const OnnxValue& value : model.inputs) defined.insert(value.name);
  return defined;
}

// Why a value that a node takes is not there.
[[noreturn]] void fail_undefined(const OnnxModel& model, std::size_t index,
                                 const std::string& name) {
  const OnnxNode& node = model.nodes[index];
  for (std::size_t later = index; later < model.nodes.size(); ++later) {
    const auto& outputs = model.nodes[later].outputs;
    if (std::find(outputs.begin(), outputs.end(), name) == outputs.end()) continue;
    if (later == index)
      fail(place_of(node, index), " takes its own output '", printable(name), "'");
    fail(place_of(node, index), " takes '", printable(name), "', which only the later ",
         place_of(model.nodes[later], later),
         " computes: the graph has a cycle or its nodes are not in order");
  }
  fail(place_of(node, index), " takes '", printable(name),
       "', which is no input, no initializer and no output of an earlier node");
}

}  // namespace

void check_onnx_wiring(const OnnxModel& model) {
  Names defined = values_at_start(model);
  const Names sparse(model.sparse_initializers.begin(), model.sparse_initializers.end());
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    const OnnxNode& node = model.nodes[i];
    for (const std::string& name : node.inputs) {
      if (name.empty()) continue;
      if (!defined.contains(name)) fail_undefined(model, i, name);
      if (sparse.contains(name)) {
        fail(place_of(node, i), " takes the sparse initializer '", printable(name),
             "', which is not read; save it as a dense one");
      }
    }
    for (const std::string& name : node.outputs) {
      if (name.empty()) continue;
      if (!defined.insert(name).second) {
        fail(place_of(node, i), " computes '", printable(name),
             "', which an input, an initializer or another node defines already");
      }
      if (defined.size() > most_values) fail("more than ", most_values, " values, the limit");
    }
  }
  if (model.outputs.empty()) fail("the graph has no outputs");
  check_unique(model.outputs, "outputs");
  for (const OnnxValue& value : model.outputs) {
    if (!defined.contains(value.name)) {
      fail("the graph's output '", printable(value.name),
           "' is no input, no initializer and no output of a node");
    }
  }
}

}  // namespace nn::io
