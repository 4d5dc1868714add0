#include "onnx_text.h"

#include <bit>

namespace test {
namespace {

using nn::concat;
using nn::printable;
using nn::io::OnnxAttributeType;

std::string hex(std::uint64_t value, std::size_t digits) {
  std::string text;
  for (std::size_t i = digits; i-- > 0;) text += "0123456789abcdef"[value >> (4 * i) & 15U];
  return text;
}
std::string hex(float value) { return hex(std::bit_cast<std::uint32_t>(value), 8); }

std::string text_of(const nn::io::OnnxModel& model, const nn::io::OnnxTensor& tensor) {
  std::string text = concat(tensor.type, ' ', tensor.spec.shape, ' ');
  if (!tensor.unreadable.empty()) return text + "unreadable";
  const nn::Tensor values = model.read(tensor);
  for (const std::byte byte : values.view().bytes()) {
    text += hex(std::to_integer<std::uint64_t>(byte), 2);
  }
  return text;
}

std::string text_of(const nn::io::OnnxModel& model, const nn::io::OnnxAttribute& attribute) {
  std::string text = concat("  ", printable(attribute.name), ' ', attribute.type);
  switch (attribute.type) {
    case OnnxAttributeType::f:
      return text + ' ' + hex(attribute.f);
    case OnnxAttributeType::i:
      return concat(text, ' ', attribute.i);
    case OnnxAttributeType::s:
      return concat(text, ' ', printable(attribute.s));
    case OnnxAttributeType::t:
      return concat(text, ' ', text_of(model, *attribute.t));
    default:
      break;
  }
  for (const float one : attribute.floats) text += ' ' + hex(one);
  for (const auto one : attribute.ints) text += concat(' ', one);
  for (const auto& one : attribute.strings) text += ' ' + printable(one);
  return text;
}

std::string text_of(std::string_view kind, const nn::io::OnnxValue& value) {
  std::string text = concat(kind, ' ', printable(value.name), ' ', value.type);
  if (!value.has_shape) return text + " no shape\n";
  text += " [";
  for (const auto& dim : value.dims) {
    if (&dim != value.dims.data()) text += ", ";
    text += dim.size ? concat(*dim.size) : dim.symbol.empty() ? "?" : printable(dim.symbol);
  }
  return text + "]\n";
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + printable(name);
  return '(' + text + ')';
}

}  // namespace

std::string described(const nn::io::OnnxModel& model) {
  std::string text = concat("ir ", model.ir_version, " producer ", printable(model.producer_name),
                            " graph ", printable(model.graph_name), '\n');
  for (const auto& [domain, version] : model.opsets) {
    text += concat("opset '", printable(domain), "' ", version, '\n');
  }
  for (const auto& value : model.inputs) text += text_of("input", value);
  for (const auto& value : model.outputs) text += text_of("output", value);
  for (const auto& value : model.value_info) text += text_of("info", value);
  for (const auto& tensor : model.initializers) {
    text += concat("initializer ", printable(tensor.name), ' ', text_of(model, tensor), '\n');
  }
  for (const auto& node : model.nodes) {
    text += concat("node '", printable(node.name), "' ", printable(node.op_type), ' ',
                   list(node.inputs), " -> ", list(node.outputs), '\n');
    for (const auto& attribute : node.attributes) text += text_of(model, attribute) + '\n';
  }
  for (const auto& name : model.functions) text += concat("function ", printable(name), '\n');
  for (const auto& name : model.sparse_initializers) {
    text += concat("sparse ", printable(name), '\n');
  }
  return text;
}

}  // namespace test
