#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <nn/import/exported_values.h>
#include <nn/io/exported_program.h>

namespace nn {

// What the nodes of a program share while it becomes a graph.
struct ExportedContext {
  const io::ExportedProgram& program;
  GraphBuilder builder = {};
  ExportedValues values = {};
  // Of values that are parameters and buffers.
  std::unordered_map<std::string, std::string> fqns = {};
  // Of values that are a known matrix repeated along dimensions in front of it.
  std::unordered_map<std::string, std::shared_ptr<const Tensor>> matrices = {};
  std::unordered_set<std::string> symbols = {};  // names of values that are sizes: int64 or bool []
  std::unordered_set<std::string_view> read = {};  // names of values that something reads
  // The graph's first input, whose dim 0 counts rows, and SizesOf what was asked for.
  std::optional<Operand> rows = {};
  std::unordered_map<std::int32_t, Operand> sizes = {};
};

// Adds layers of one output under a name. Copies are small, and stay good while the program is
// imported: views keep one.
class ExportedLayers {
 public:
  ExportedLayers(ExportedContext& context, std::string name)
      : context_(&context), name_(std::move(name)) {}

  Operand add(const Module& layer, const std::vector<Operand>& inputs) const;
  std::vector<Operand> add_all(const Module& layer, const std::vector<Operand>& inputs) const;
  Operand add(const std::vector<Operand>& inputs, Deferred::Options deferred,
              const std::vector<Operand>& arguments, DType dtype = DType::float32) const;
  // The sizes of a tensor, int64.
  Operand sizes_of(const Operand& x) const;
  // The tensor under other sizes, of which one may be -1.
  Operand reshape(const Operand& x, const Operand& wanted) const;
  // The tensor with repeated dimensions, -1 for those that stay. `for_rows`: it has no rows of the
  // batch, which it may be repeated for.
  Operand expand(const Operand& x, const Operand& wanted, bool for_rows) const;
  Operand cast(const Operand& x, DType dtype) const;
  // A known tensor as a value of the graph, so that what is made of it is computed in the run.
  Operand at_run(const Operand& x) const;

  // Another name for what comes.
  ExportedLayers named(std::string name) const { return {*context_, std::move(name)}; }

 private:
  ExportedContext* context_;
  std::string name_;
};

// A number of a schema: an integer stays one.
struct ExportedScalar {
  bool integral = false;
  std::int64_t integer = 0;
  double number = 0;
};

// One node of a program of torch.export while it becomes layers: its arguments by the names that the
// operator's schema gives them, with the schema's defaults, and the outputs that it gives. Errors do
// not name the node, the importer does.
class ExportedStep {
 public:
  ExportedStep(ExportedContext& context, const io::ExportedNode& node);

  // Is the argument given, and not None?
  bool gives(std::string_view argument) const;

  // Tensors. The first throws Error when it is not given, the third when it is computed from the
  // graph's inputs; it may name the layer.
  Operand tensor(std::string_view argument) const;
  std::vector<Operand> tensors(std::string_view argument) const;
  std::shared_ptr<const Tensor> weight(std::string_view argument);
  bool is_known(std::string_view argument) const;
  // The matrix that a tensor is, or that it repeats along further dimensions; null where it is none
  // that is known. It may name the layer.
  std::shared_ptr<const Tensor> matrix(std::string_view argument);
  // Tells that the first output is such a one, or is as the tensor `argument` is.
  void repeats_matrix(std::shared_ptr<const Tensor> matrix);
  void repeats_matrix_of(std::string_view argument);
  // Of a list with None in it: nothing there.
  std::vector<std::optional<Operand>> optional_tensors(std::string_view argument) const;
  // What the file says of a tensor. Layers compute in another element type where computed_as says so.
  DType dtype(std::string_view argument) const;
  std::size_t rank(std::string_view argument) const;
  const io::ExportedTensor& described(std::string_view argument) const;
  // Of the first output.
  const io::ExportedTensor& described_result() const;
  DType result_dtype() const;

  // Numbers, truths and words that are known while the file is read; throw Error where they are of
  // another kind, computed from sizes, or missing without a default.
  std::int64_t integer(std::string_view argument, std::optional<std::int64_t> otherwise = {}) const;
  double number(std::string_view argument, std::optional<double> otherwise = {}) const;
  bool boolean(std::string_view argument, std::optional<bool> otherwise = {}) const;
  std::string text(std::string_view argument, std::string_view otherwise) const;
  std::vector<std::int64_t> integers(std::string_view argument,
                                     std::vector<std::int64_t> otherwise = {}) const;
  std::vector<double> numbers(std::string_view argument) const;
  ExportedScalar scalar(std::string_view argument,
                        std::optional<ExportedScalar> otherwise = {}) const;
  std::optional<DType> scalar_type(std::string_view argument) const;
  bool is_tensor(std::string_view argument) const;
  // An integer, a truth or a size.
  bool is_integral(std::string_view argument) const;

  // Integers that may be computed from sizes: int64 of rank 0, and of rank 1.
  Operand size(std::string_view argument) const;
  Operand sizes(std::string_view argument) const;
  // How many there are.
  std::size_t count(std::string_view argument) const;
  // What the node's layer is called: "layer1.0.conv1" of its parameters where they are the file's,
  // else the node's own name.
  const std::string& name() const { return name_; }

  // Layers whose outputs become the node's.
  void give(const Module& layer, const std::vector<Operand>& inputs);
  void give(const std::vector<Operand>& inputs, Deferred::Options deferred,
            const std::vector<Operand>& arguments, DType dtype = DType::float32);
  void give(const Operand& value, std::size_t output = 0);
  std::size_t output_count() const { return outputs_.size(); }
  const std::vector<std::string>& output_names() const { return outputs_; }
  // Does anything read output i?
  bool wants(std::size_t output) const {
    return output < outputs_.size() && context_.read.contains(outputs_[output]);
  }
  // Adds layers under the node's name, and such that come before its last.
  ExportedLayers layers() const { return {context_, name_}; }
  ExportedLayers before() const { return {context_, name_ + "_part"}; }

  // The output shares the memory of `argument`.
  void give_view(std::string_view argument, ExportedValues::View view, std::size_t output = 0);
  // Whether the file says that the tensor is contiguous; nothing when it depends on sizes.
  std::optional<bool> is_contiguous(std::string_view argument) const;
  static std::optional<bool> is_contiguous(const io::ExportedTensor& tensor);
  void give_same(std::string_view argument);
  // Overwrites the tensor `argument`; the output is another name of it.
  void write(std::string_view argument, const Operand& value);
  // Lets give() write to the first argument from now on: the operator works in place.
  void work_in_place(std::string_view argument) { in_place_ = argument; }

 private:
  const io::ExportedArgument* find(std::string_view argument) const;
  const io::ExportedArgument& require(std::string_view argument) const;
  [[noreturn]] void fail_kind(std::string_view argument, std::string_view expected) const;
  Operand size_of(const io::ExportedSymbol& symbol) const;
  void define(const std::vector<Operand>& outputs);
  void take_name(const std::string& value);

  ExportedContext& context_;
  const io::ExportedNode& node_;
  std::vector<std::string> outputs_;
  bool gives_symbol_ = false;
  std::string name_;
  std::string in_place_;
};

// How an operator becomes layers.
struct ExportedOperator {
  std::string_view target;  // "conv2d.default", of torch.ops.aten; others in full
  void (*import)(ExportedStep& step);
};

// The table of operators, in files by what they are for.
std::span<const ExportedOperator> exported_layer_operators();      // convolution, norms, products
std::span<const ExportedOperator> exported_recurrent_operators();  // RNN, LSTM, GRU
std::span<const ExportedOperator> exported_picture_operators();    // pooling, resizing, padding
std::span<const ExportedOperator> exported_activation_operators();
std::span<const ExportedOperator> exported_function_operators();   // of elements
std::span<const ExportedOperator> exported_reduction_operators();  // along dimensions
std::span<const ExportedOperator> exported_view_operators();       // shared memory
std::span<const ExportedOperator> exported_slice_operators();
std::span<const ExportedOperator> exported_move_operators();      // elements elsewhere
std::span<const ExportedOperator> exported_creation_operators();  // tensors out of nothing
std::span<const ExportedOperator> exported_size_operators();      // arithmetic of sizes
// nullptr when it is not supported. A target as "relu_.default" is "relu.default" in place where the
// row is an activation or another function of elements.
struct FoundExportedOperator {
  const ExportedOperator* row = nullptr;
  bool in_place = false;
};
FoundExportedOperator find_exported_operator(std::string_view target);

}  // namespace nn
