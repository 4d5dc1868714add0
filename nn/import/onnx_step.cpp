#include <nn/import/common_layers.h>
#include <nn/import/onnx_step.h>
#include <nn/io/onnx_type.h>
#include <nn/layers/cast.h>

namespace nn {

using Type = io::OnnxAttributeType;

const io::OnnxAttribute* OnnxStep::find(std::string_view attribute, Type type) const {
  const io::OnnxAttribute* const found = node_.find(attribute);
  if (found != nullptr && found->type != type) {
    fail("attribute '", printable(attribute), "' is of type ", io::to_text(found->type),
         ", expected ", io::to_text(type));
  }
  return found;
}

std::int64_t OnnxStep::integer(std::string_view attribute, std::int64_t otherwise) const {
  const auto* const found = find(attribute, Type::i);
  return found ? found->i : otherwise;
}

double OnnxStep::number(std::string_view attribute, double otherwise) const {
  const auto* const found = find(attribute, Type::f);
  return found ? static_cast<double>(found->f) : otherwise;
}

std::string OnnxStep::text(std::string_view attribute, std::string_view otherwise) const {
  const auto* const found = find(attribute, Type::s);
  return found ? found->s : std::string(otherwise);
}

std::vector<std::int64_t> OnnxStep::integers(std::string_view attribute,
                                             std::vector<std::int64_t> otherwise) const {
  const auto* const found = find(attribute, Type::ints);
  return found ? found->ints : std::move(otherwise);
}

std::vector<double> OnnxStep::numbers(std::string_view attribute) const {
  const auto* const found = find(attribute, Type::floats);
  if (found == nullptr) fail("attribute '", printable(attribute), "' is missing");
  return {found->floats.begin(), found->floats.end()};
}

std::vector<std::string> OnnxStep::texts(std::string_view attribute) const {
  const auto* const found = find(attribute, Type::strings);
  return found ? found->strings : std::vector<std::string>();
}

std::shared_ptr<const Tensor> OnnxStep::tensor(std::string_view attribute) const {
  const auto* const found = find(attribute, Type::t);
  if (found == nullptr || found->t == nullptr) {
    fail("attribute '", printable(attribute), "' is missing");
  }
  return as_computed(std::make_shared<const Tensor>(model_.read(*found->t)));
}

Operand OnnxStep::constant(std::string_view attribute) const {
  Operand result{tensor(attribute), {}};
  result.told = find(attribute, Type::t)->t->spec.dtype;
  return result;
}

Operand OnnxStep::input(std::size_t i) const {
  if (!gives(i)) fail("input ", i, " is missing");
  return builder_.at(node_.inputs[i]);
}

const std::shared_ptr<const Tensor>& OnnxStep::weight(std::size_t i) const {
  if (!gives(i)) fail("input ", i, " is missing");
  const Operand& operand = builder_.at(node_.inputs[i]);
  if (!operand.known()) {
    fail("input ", i, " ('", printable(node_.inputs[i]),
         "') is computed from the graph's inputs, expected a constant");
  }
  return operand.constant;
}

std::vector<std::int64_t> OnnxStep::known_integers(std::size_t i) const {
  const Tensor& tensor = *weight(i);
  if (tensor.dtype() != DType::int64 && tensor.dtype() != DType::int32) {
    fail("input ", i, " is of ", tensor.dtype(), ", expected integers");
  }
  const Tensor wide = to(tensor, DType::int64);
  const auto values = wide.as<std::int64_t>();
  return {values.begin(), values.end()};
}

std::string OnnxStep::layer_name() const {
  const std::string_view layer = gives(1) ? layer_of_parameter(node_.inputs[1]) : "";
  return layer.empty() ? node_.outputs[0] : std::string(layer);
}

void OnnxStep::give(const Module& layer, std::initializer_list<Operand> inputs) {
  define(builder_.add(layer_name(), layer, {inputs.begin(), inputs.size()}));
}

void OnnxStep::give(const Module& layer, const std::vector<Operand>& inputs) {
  define(builder_.add(layer_name(), layer, inputs));
}

void OnnxStep::give(std::initializer_list<Operand> inputs, Deferred::Options deferred,
                    std::initializer_list<Operand> arguments, DType dtype) {
  define(builder_.add(layer_name(), {inputs.begin(), inputs.size()}, std::move(deferred),
                      {arguments.begin(), arguments.size()}, dtype));
}

void OnnxStep::give(const Operand& operand, std::size_t output) {
  builder_.define(node_.outputs.at(output), operand);
}

void OnnxStep::give_integers(const Operand& numbers, DType dtype, std::size_t output) {
  if (!wants(output)) return;
  Operand integers = between(Cast({.dtype = DType::int64}), {numbers});
  integers.told = dtype;
  builder_.tell_floats(node_.outputs[output], numbers);
  give(integers, output);
}

DType OnnxStep::type_of(std::int64_t number) {
  const io::OnnxType* const type = io::find_onnx_type(number);
  if (type == nullptr || !type->dtype) {
    fail("element type ", type == nullptr ? concat("number ", number) : std::string(type->name),
         " is not supported");
  }
  return *type->dtype;
}

Operand OnnxStep::between(const Module& layer, std::initializer_list<Operand> inputs) {
  return builder_.add(node_.outputs[0] + "_" + layer.kind(), layer,
                      {inputs.begin(), inputs.size()})[0];
}

std::vector<Operand> OnnxStep::between_all(const Module& layer,
                                           const std::vector<Operand>& inputs) {
  return builder_.add(node_.outputs[0].empty() ? node_.outputs.back() : node_.outputs[0] + "_all",
                      layer, inputs);
}

Operand OnnxStep::between(std::initializer_list<Operand> inputs, Deferred::Options deferred,
                          std::initializer_list<Operand> arguments, DType dtype) {
  const std::string name = node_.outputs[0] + "_" + deferred.kind;
  return builder_.add(name, {inputs.begin(), inputs.size()}, std::move(deferred),
                      {arguments.begin(), arguments.size()}, dtype)[0];
}

void OnnxStep::define(const std::vector<Operand>& outputs) {
  for (std::size_t i = 0; i < node_.outputs.size(); ++i) {
    if (node_.outputs[i].empty() || builder_.defines(node_.outputs[i])) continue;
    if (i >= outputs.size()) {
      if (!wants(i)) continue;
      fail("output ", i, " ('", printable(node_.outputs[i]), "') is not supported");
    }
    builder_.define(node_.outputs[i], outputs[i]);
  }
}

const OnnxOperator* find_onnx_operator(std::string_view op_type) {
  for (const auto table :
       {onnx_layer_operators(), onnx_pool_operators(), onnx_norm_operators(),
        onnx_resize_operators(), onnx_activation_operators(), onnx_function_operators(),
        onnx_reduce_operators(), onnx_shape_operators(), onnx_index_operators(),
        onnx_quantised_operators(), onnx_recurrent_operators()}) {
    for (const OnnxOperator& row : table) {
      if (row.op_type == op_type) return &row;
    }
  }
  return nullptr;
}

}  // namespace nn
