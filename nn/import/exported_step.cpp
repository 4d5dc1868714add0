#include <algorithm>

#include <nn/checked.h>
#include <nn/import/common_layers.h>
#include <nn/import/exported_step.h>
#include <nn/layers/concat.h>
#include <nn/layers/reshape.h>
#include <nn/layers/unsqueeze.h>

namespace nn {
namespace {

using io::ExportedArgument;
using Kind = ExportedArgument::Kind;

DType usable(const io::TorchDType& dtype) {
  if (!dtype.usable) fail("element type ", dtype.name, " is not supported");
  return *dtype.usable;
}

}  // namespace

ExportedStep::ExportedStep(ExportedContext& context, const io::ExportedNode& node)
    : context_(context), node_(node) {
  for (const ExportedArgument& output : node.outputs) {
    if (output.kind == Kind::tensor) outputs_.push_back(output.text());
    if (output.kind == Kind::symbol) {
      outputs_.push_back(output.symbol().name);
      gives_symbol_ = true;
    }
    if (output.kind == Kind::tensors) {
      outputs_.insert(outputs_.end(), output.texts().begin(), output.texts().end());
    }
  }
  name_ = !node.name.empty() || outputs_.empty() ? node.name : outputs_[0];
}

const ExportedArgument* ExportedStep::find(std::string_view argument) const {
  const ExportedArgument* const found = node_.find(argument);
  return found == nullptr || found->kind == Kind::none ? nullptr : found;
}

const ExportedArgument& ExportedStep::require(std::string_view argument) const {
  const ExportedArgument* const found = find(argument);
  if (found == nullptr) fail("argument '", argument, "' is missing");
  return *found;
}

void ExportedStep::fail_kind(std::string_view argument, std::string_view expected) const {
  fail("argument '", argument, "' is ", describe(require(argument)), ", expected ", expected);
}

bool ExportedStep::gives(std::string_view argument) const { return find(argument) != nullptr; }

bool ExportedStep::is_tensor(std::string_view argument) const {
  const ExportedArgument* const found = find(argument);
  return found != nullptr && found->kind == Kind::tensor;
}

bool ExportedStep::is_integral(std::string_view argument) const {
  const ExportedArgument* const found = find(argument);
  return found != nullptr && (found->kind == Kind::integer || found->kind == Kind::boolean ||
                              found->kind == Kind::symbol);
}

Operand ExportedStep::tensor(std::string_view argument) const {
  const ExportedArgument& found = require(argument);
  if (found.kind != Kind::tensor) fail_kind(argument, "a tensor");
  return context_.values.at(found.text());
}

std::vector<Operand> ExportedStep::tensors(std::string_view argument) const {
  const ExportedArgument& found = require(argument);
  if (found.kind != Kind::tensors) fail_kind(argument, "tensors");
  std::vector<Operand> result;
  for (const std::string& name : found.texts()) result.push_back(context_.values.at(name));
  return result;
}

std::vector<std::optional<Operand>> ExportedStep::optional_tensors(
    std::string_view argument) const {
  const ExportedArgument& found = require(argument);
  if (found.kind != Kind::tensors && found.kind != Kind::optional_tensors) {
    fail_kind(argument, "tensors");
  }
  std::vector<std::optional<Operand>> result;
  for (const std::string& name : found.texts()) {
    result.push_back(name.empty() ? std::nullopt : std::optional(context_.values.at(name)));
  }
  return result;
}

std::shared_ptr<const Tensor> ExportedStep::weight(std::string_view argument) {
  Operand operand = tensor(argument);
  const std::string& value = require(argument).text();
  if (!operand.known()) {
    fail("argument '", argument, "' ('", printable(value),
         "') is computed from the graph's inputs, expected a parameter");
  }
  take_name(value);
  return operand.constant;
}

// The name of the module whose parameter the value is.
void ExportedStep::take_name(const std::string& value) {
  const auto found = context_.fqns.find(value);
  if (found == context_.fqns.end()) return;
  const std::string_view layer = layer_of_parameter(found->second);
  if (!layer.empty()) name_ = layer;
}

std::shared_ptr<const Tensor> ExportedStep::matrix(std::string_view argument) {
  const Operand operand = tensor(argument);
  const std::string& value = require(argument).text();
  if (operand.known() && operand.constant->shape().rank() == 2) return weight(argument);
  const auto found = context_.matrices.find(value);
  if (found == context_.matrices.end()) return nullptr;
  take_name(value);
  return found->second;
}

void ExportedStep::repeats_matrix(std::shared_ptr<const Tensor> matrix) {
  if (!outputs_.empty()) context_.matrices[outputs_[0]] = std::move(matrix);
}

void ExportedStep::repeats_matrix_of(std::string_view argument) {
  const auto found = context_.matrices.find(require(argument).text());
  if (found != context_.matrices.end()) repeats_matrix(found->second);
}

bool ExportedStep::is_known(std::string_view argument) const {
  return is_tensor(argument) && tensor(argument).known();
}

const io::ExportedTensor& ExportedStep::described(std::string_view argument) const {
  const ExportedArgument& found = require(argument);
  if (found.kind != Kind::tensor) fail_kind(argument, "a tensor");
  const auto tensor = context_.program.tensors.find(found.text());
  if (tensor == context_.program.tensors.end()) {
    fail("the file does not describe '", printable(found.text()), "'");
  }
  return tensor->second;
}

DType ExportedStep::dtype(std::string_view argument) const {
  return usable(*described(argument).dtype);
}

std::size_t ExportedStep::rank(std::string_view argument) const {
  return described(argument).sizes.size();
}

const io::ExportedTensor& ExportedStep::described_result() const {
  const auto tensor = outputs_.empty() ? context_.program.tensors.end()
                                       : context_.program.tensors.find(outputs_[0]);
  if (tensor == context_.program.tensors.end()) fail("the file does not describe its result");
  return tensor->second;
}

DType ExportedStep::result_dtype() const { return usable(*described_result().dtype); }

std::int64_t ExportedStep::integer(std::string_view argument,
                                   std::optional<std::int64_t> otherwise) const {
  if (otherwise && !gives(argument)) return *otherwise;
  const Operand value = size(argument);
  if (!value.known()) {
    fail("argument '", argument, "' is computed from sizes, expected a number");
  }
  return value.constant->as<std::int64_t>()[0];
}

double ExportedStep::number(std::string_view argument, std::optional<double> otherwise) const {
  if (otherwise && !gives(argument)) return *otherwise;
  const ExportedArgument& found = require(argument);
  if (found.kind == Kind::number) return found.number();
  if (found.kind == Kind::integer) return static_cast<double>(found.integer());
  if (found.kind == Kind::boolean) return found.boolean() ? 1 : 0;
  fail_kind(argument, "a number");
}

ExportedScalar ExportedStep::scalar(std::string_view argument,
                                    std::optional<ExportedScalar> otherwise) const {
  if (otherwise && !gives(argument)) return *otherwise;
  const ExportedArgument& found = require(argument);
  if (found.kind == Kind::number) return {false, 0, found.number()};
  const std::int64_t value =
      found.kind == Kind::boolean ? std::int64_t{found.boolean()} : integer(argument);
  return {true, value, static_cast<double>(value)};
}

bool ExportedStep::boolean(std::string_view argument, std::optional<bool> otherwise) const {
  if (otherwise && !gives(argument)) return *otherwise;
  const ExportedArgument& found = require(argument);
  if (found.kind != Kind::boolean) fail_kind(argument, "a boolean");
  return found.boolean();
}

std::string ExportedStep::text(std::string_view argument, std::string_view otherwise) const {
  const ExportedArgument* const found = find(argument);
  if (found == nullptr) return std::string(otherwise);
  if (found->kind != Kind::text) fail_kind(argument, "a text");
  return found->text();
}

std::vector<std::int64_t> ExportedStep::integers(std::string_view argument,
                                                 std::vector<std::int64_t> otherwise) const {
  if (!gives(argument)) return otherwise;
  const Operand value = sizes(argument);
  if (!value.known()) {
    fail("argument '", argument, "' is computed from sizes, expected numbers");
  }
  const auto values = value.constant->as<std::int64_t>();
  return {values.begin(), values.end()};
}

std::vector<double> ExportedStep::numbers(std::string_view argument) const {
  const ExportedArgument& found = require(argument);
  if (found.kind != Kind::numbers) fail_kind(argument, "numbers");
  return found.numbers();
}

std::optional<DType> ExportedStep::scalar_type(std::string_view argument) const {
  const ExportedArgument* const found = find(argument);
  if (found == nullptr) return std::nullopt;
  if (found->kind != Kind::scalar_type) fail_kind(argument, "an element type");
  const io::TorchDType* const dtype = io::find_torch_dtype(found->text());
  if (dtype == nullptr) fail("element type ", printable(found->text()), " is not supported");
  return usable(*dtype);
}

Operand ExportedStep::size_of(const io::ExportedSymbol& symbol) const {
  if (!symbol.name.empty()) {
    if (!context_.symbols.contains(symbol.name)) {
      fail("'", printable(symbol.name), "' is a tensor, expected a size");
    }
    return context_.values.at(symbol.name);
  }
  return integer_of(symbol.value);
}

Operand ExportedStep::size(std::string_view argument) const {
  const ExportedArgument& found = require(argument);
  if (found.kind == Kind::integer) return size_of({"", found.integer()});
  if (found.kind == Kind::boolean) return size_of({"", std::int64_t{found.boolean()}});
  if (found.kind != Kind::symbol) fail_kind(argument, "an integer");
  return size_of(found.symbol());
}

std::size_t ExportedStep::count(std::string_view argument) const {
  const ExportedArgument& found = require(argument);
  if (found.kind == Kind::integers) return found.integers().size();
  if (found.kind == Kind::symbols) return found.symbols().size();
  return 1;
}

Operand ExportedStep::sizes(std::string_view argument) const {
  const ExportedArgument& found = require(argument);
  if (found.kind == Kind::integers) return integers_of(found.integers());
  if (found.kind == Kind::integer) {
    return integers_of({found.integer()});
  }
  if (found.kind != Kind::symbols) fail_kind(argument, "integers");
  std::vector<Operand> parts;
  for (const io::ExportedSymbol& symbol : found.symbols()) {
    parts.push_back(before().add(Unsqueeze({.dim = 0}), {size_of(symbol)}));
  }
  if (parts.empty()) return integers_of({});
  if (parts.size() == 1) return parts[0];
  return before().add(Concat({.dim = 0}), parts);
}

void ExportedStep::give(const Module& layer, const std::vector<Operand>& inputs) {
  define(layers().add_all(layer, inputs));
}

void ExportedStep::give(const std::vector<Operand>& inputs, Deferred::Options deferred,
                        const std::vector<Operand>& arguments, DType dtype) {
  give(layers().add(inputs, std::move(deferred), arguments, dtype));
}

void ExportedStep::give(const Operand& value, std::size_t output) {
  if (output >= outputs_.size()) fail("it has ", outputs_.size(), " outputs, expected more");
  if (output == 0 && !in_place_.empty()) return write(in_place_, value);
  if (gives_symbol_) {
    if (value.dtype() != DType::int64 && value.dtype() != DType::boolean) {
      fail("its result is of ", value.dtype(), ", expected a size");
    }
    // Which a graph that is not sound finds out here.
    context_.values.define(outputs_[output], before().add(Reshape({.shape = {}}), {value}));
    context_.symbols.insert(outputs_[output]);
    return;
  }
  context_.values.define(outputs_[output], value);
}

void ExportedStep::give_view(std::string_view argument, ExportedValues::View view,
                             std::size_t output) {
  const ExportedArgument& found = require(argument);
  if (found.kind != Kind::tensor) fail_kind(argument, "a tensor");
  if (output >= outputs_.size()) fail("it has ", outputs_.size(), " outputs, expected more");
  context_.values.define_view(outputs_[output], found.text(), std::move(view));
  const auto fqn = context_.fqns.find(found.text());
  if (fqn != context_.fqns.end()) context_.fqns.emplace(outputs_[output], fqn->second);
}

void ExportedStep::give_same(std::string_view argument) {
  const ExportedArgument& found = require(argument);
  if (found.kind != Kind::tensor) fail_kind(argument, "a tensor");
  if (outputs_.empty()) return;
  context_.values.define_alias(outputs_[0], found.text());
  const auto fqn = context_.fqns.find(found.text());
  if (fqn != context_.fqns.end()) context_.fqns.emplace(outputs_[0], fqn->second);
}

void ExportedStep::write(std::string_view argument, const Operand& value) {
  const ExportedArgument& found = require(argument);
  if (found.kind != Kind::tensor) fail_kind(argument, "a tensor");
  context_.values.write(found.text(), value);
  if (!outputs_.empty()) context_.values.define_alias(outputs_[0], found.text());
}

std::optional<bool> ExportedStep::is_contiguous(std::string_view argument) const {
  return is_contiguous(described(argument));
}

std::optional<bool> ExportedStep::is_contiguous(const io::ExportedTensor& tensor) {
  if (tensor.strides.size() != tensor.sizes.size()) return std::nullopt;
  std::optional<std::int64_t> expected = 1;
  for (std::size_t i = tensor.sizes.size(); i-- > 0;) {
    if (tensor.sizes[i].value != 1) {
      if (!expected || !tensor.strides[i].value) return std::nullopt;
      if (*expected != *tensor.strides[i].value) return false;
    }
    if (i == 0) break;
    if (!tensor.sizes[i].value) return std::nullopt;
    expected = checked_multiply(*expected, *tensor.sizes[i].value);
  }
  return true;
}

void ExportedStep::define(const std::vector<Operand>& outputs) {
  for (std::size_t i = 0; i < std::min(outputs.size(), outputs_.size()); ++i) give(outputs[i], i);
}

FoundExportedOperator find_exported_operator(std::string_view target) {
  constexpr std::string_view aten = "torch.ops.aten.";
  if (target.starts_with(aten)) target.remove_prefix(aten.size());
  const auto row_of = [](auto tables, std::string_view name) -> const ExportedOperator* {
    for (const auto table : tables) {
      for (const ExportedOperator& row : table) {
        if (row.target == name) return &row;
      }
    }
    return nullptr;
  };
  const std::array in_place{exported_activation_operators(), exported_function_operators()};
  const std::array all{exported_layer_operators(),     exported_picture_operators(),
                       exported_recurrent_operators(), exported_activation_operators(),
                       exported_function_operators(),  exported_reduction_operators(),
                       exported_view_operators(),      exported_slice_operators(),
                       exported_move_operators(),      exported_creation_operators(),
                       exported_size_operators()};
  if (const auto* row = row_of(all, target)) return {row, false};
  // "relu_.default"
  const std::size_t dot = target.rfind('.');
  if (dot == std::string_view::npos || dot < 2 || target[dot - 1] != '_') return {};
  const std::string plain = concat(target.substr(0, dot - 1), target.substr(dot));
  return {row_of(in_place, plain), true};
}

}  // namespace nn
