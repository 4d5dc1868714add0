#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <nn/import/graph_builder.h>
#include <nn/io/onnx_model.h>
#include <nn/layers/sizes_of.h>

namespace nn {

// One node of an ONNX graph while it becomes layers: its attributes and inputs as the table of
// operators asks for them, and the outputs that it gives. Errors do not name the node, the importer
// does.
class OnnxStep {
 public:
  // `read`: the values that nodes take or the graph gives.
  OnnxStep(const io::OnnxModel& model, const io::OnnxNode& node, std::int64_t opset,
           const std::unordered_set<std::string_view>& read, GraphBuilder& builder)
      : model_(model), node_(node), opset_(opset), read_(read), builder_(builder) {}

  const std::string& op_type() const { return node_.op_type; }
  // The version of the standard's operators that the file is written for.
  std::int64_t opset() const { return opset_; }
  // The program that wrote the file: "pytorch".
  const std::string& producer() const { return model_.producer_name; }

  // Attributes; throw Error when one has another type. The second is what the standard says where
  // there is none.
  bool has(std::string_view attribute) const { return node_.find(attribute) != nullptr; }
  std::int64_t integer(std::string_view attribute, std::int64_t otherwise) const;
  double number(std::string_view attribute, double otherwise) const;
  std::string text(std::string_view attribute, std::string_view otherwise) const;
  std::vector<std::int64_t> integers(std::string_view attribute,
                                     std::vector<std::int64_t> otherwise = {}) const;
  std::vector<double> numbers(std::string_view attribute) const;
  // Empty where there are none.
  std::vector<std::string> texts(std::string_view attribute) const;
  // The tensor of an attribute; throws Error when there is none.
  std::shared_ptr<const Tensor> tensor(std::string_view attribute) const;
  // The same as a constant, which tells the element type that it has in the file.
  Operand constant(std::string_view attribute) const;

  std::size_t input_count() const { return node_.inputs.size(); }
  std::size_t output_count() const { return node_.outputs.size(); }
  // Is input i given?
  bool gives(std::size_t i) const { return i < node_.inputs.size() && !node_.inputs[i].empty(); }
  // Is output i read?
  bool wants(std::size_t i) const {
    return i < node_.outputs.size() && read_.contains(node_.outputs[i]);
  }
  // Throws Error when the input is not given.
  Operand input(std::size_t i) const;
  // A weight. Throws Error when it is computed from the graph's inputs.
  const std::shared_ptr<const Tensor>& weight(std::size_t i) const;
  // The element type of a number of TensorProto.DataType. Throws Error where we have none.
  static DType type_of(std::int64_t number);
  // Integers that are known while the file is read.
  std::vector<std::int64_t> known_integers(std::size_t i) const;

  // Makes the layer's outputs the node's.
  void give(const Module& layer, std::initializer_list<Operand> inputs);
  void give(const Module& layer, const std::vector<Operand>& inputs);
  // The same for a layer that is made of inputs which may be computed from sizes.
  void give(std::initializer_list<Operand> inputs, Deferred::Options deferred,
            std::initializer_list<Operand> arguments, DType dtype = DType::float32);
  // Makes an operand an output of the node as it is.
  void give(const Operand& operand, std::size_t output = 0);
  // The same for integers of a type of the file, which are known as float32 numbers.
  void give_integers(const Operand& numbers, DType dtype, std::size_t output = 0);
  // Input i as such numbers; null where it is not given so.
  const Operand* floats_of(std::size_t i) const {
    return gives(i) ? builder_.floats_of(node_.inputs[i]) : nullptr;
  }
  // A layer between, of one output.
  Operand between(const Module& layer, std::initializer_list<Operand> inputs);
  Operand between(std::initializer_list<Operand> inputs, Deferred::Options deferred,
                  std::initializer_list<Operand> arguments, DType dtype = DType::float32);
  // One of several outputs.
  std::vector<Operand> between_all(const Module& layer, const std::vector<Operand>& inputs);
  // The sizes of an operand, as an argument of layers that depend on them.
  Operand sizes_of(const Operand& x) { return between(SizesOf{}, {x}); }
  // Input i as the sizes of a result, whose number of rows may be free.
  Operand result_sizes(std::size_t i) { return builder_.freed(input(i)); }
  Operand filled(const Shape& shape, const Tensor& number) {
    return builder_.filled(shape, number);
  }
  Operand freed_constant(const Operand& x) { return builder_.freed_constant(x); }
  // What tells the number of rows.
  Operand first_input() const { return builder_.first_input(); }

 private:
  // Of a node of the graph: the layer's name in PyTorch, where the weight's tells it, else the
  // value's.
  std::string layer_name() const;
  const io::OnnxAttribute* find(std::string_view attribute, io::OnnxAttributeType type) const;
  void define(const std::vector<Operand>& outputs);

  const io::OnnxModel& model_;
  const io::OnnxNode& node_;
  std::int64_t opset_;
  const std::unordered_set<std::string_view>& read_;
  GraphBuilder& builder_;
};

// How an operator becomes layers.
struct OnnxOperator {
  std::string_view op_type;
  void (*import)(OnnxStep& step);
};

// The table of operators, in files by what they are for.
std::span<const OnnxOperator> onnx_layer_operators();       // convolution, products
std::span<const OnnxOperator> onnx_pool_operators();        // pooling
std::span<const OnnxOperator> onnx_norm_operators();        // normalisation
std::span<const OnnxOperator> onnx_resize_operators();      // other sizes, padding
std::span<const OnnxOperator> onnx_activation_operators();  // activations, softmax
std::span<const OnnxOperator> onnx_function_operators();    // of elements
std::span<const OnnxOperator> onnx_reduce_operators();      // of whole dimensions
std::span<const OnnxOperator> onnx_shape_operators();       // sizes, constants, other shapes
std::span<const OnnxOperator> onnx_index_operators();       // parts and elements by index
std::span<const OnnxOperator> onnx_quantised_operators();   // integers for floats
std::span<const OnnxOperator> onnx_recurrent_operators();   // RNN, LSTM, GRU
// Einsum, which is a file of its own.
void import_einsum(OnnxStep& step);
// nullptr when it is not supported.
const OnnxOperator* find_onnx_operator(std::string_view op_type);

}  // namespace nn
