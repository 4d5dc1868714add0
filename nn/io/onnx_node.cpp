#include <algorithm>
#include <array>

#include <nn/io/onnx_node.h>
#include <nn/io/onnx_tensor.h>

namespace nn::io {
namespace {

using Type = OnnxAttributeType;

constexpr std::uint32_t field_type = 20;
constexpr std::uint32_t field_reference = 21;
constexpr std::uint64_t longest_string = std::uint64_t{1} << 20;

struct TypeField {
  Type type;
  std::uint32_t field;  // of AttributeProto that holds the value
  std::string_view name;
};

// By value of the type.
constexpr std::array type_fields = {
    TypeField{Type::undefined, 0, "undefined"},
    TypeField{Type::f, 2, "f"},
    TypeField{Type::i, 3, "i"},
    TypeField{Type::s, 4, "s"},
    TypeField{Type::t, 5, "t"},
    TypeField{Type::g, 6, "g"},
    TypeField{Type::floats, 7, "floats"},
    TypeField{Type::ints, 8, "ints"},
    TypeField{Type::strings, 9, "strings"},
    TypeField{Type::tensors, 10, "tensors"},
    TypeField{Type::graphs, 11, "graphs"},
    TypeField{Type::sparse_tensor, 22, "sparse_tensor"},
    TypeField{Type::sparse_tensors, 23, "sparse_tensors"},
    TypeField{Type::tp, 14, "tp"},
    TypeField{Type::type_protos, 15, "type_protos"},
};

Type type_of_field(std::uint32_t field) {
  const auto found = std::find_if(type_fields.begin() + 1, type_fields.end(),
                                  [&](const TypeField& row) { return row.field == field; });
  return found == type_fields.end() ? Type::undefined : found->type;
}

std::string read_string(const ProtobufReader& reader, const ProtobufField& field,
                        OnnxBudget& budget) {
  std::string text = reader.text(field, longest_string);
  budget.spend(sizeof(text) + text.size());
  return text;
}

class AttributeReader {
 public:
  AttributeReader(ProtobufWindow& window, OnnxBudget& budget) : window_(window), budget_(budget) {}

  OnnxAttribute read(ProtobufReader reader) {
    budget_.spend(sizeof(OnnxAttribute));
    try {
      while (const auto field = reader.next()) take(reader, *field);
      settle();
    } catch (const Error& error) {
      fail("attribute '", printable(attribute_.name), "': ", error.what());
    }
    return std::move(attribute_);
  }

 private:
  void take(const ProtobufReader& reader, const ProtobufField& field) {
    if (field.number == 1) {
      attribute_.name = read_onnx_name(reader, field, budget_);
    } else if (field.number == field_type) {
      const std::int64_t type = field.integer();
      if (type < 0 || type >= static_cast<std::int64_t>(type_fields.size())) {
        fail("type ", type, " is not one of ONNX's attribute types");
      }
      attribute_.type = static_cast<Type>(type);
    } else if (field.number == field_reference) {
      if (!read_onnx_name(reader, field, budget_).empty()) {
        fail("it refers to an attribute of a function (ref_attr_name), but stands in none");
      }
    } else if (const Type type = type_of_field(field.number); type != Type::undefined) {
      if (held_ != Type::undefined && held_ != type) {
        fail("it holds both ", held_, " and ", type, ", expected one value");
      }
      held_ = type;
      take_value(reader, field, type);
    }
  }

  void take_value(const ProtobufReader& reader, const ProtobufField& field, Type type) {
    switch (type) {
      case Type::f:
        attribute_.f = field.real();
        break;
      case Type::i:
        attribute_.i = field.integer();
        break;
      case Type::s:
        attribute_.s = read_string(reader, field, budget_);
        break;
      case Type::floats:
        reader.each_fixed32(field, [&](std::uint32_t bits) {
          budget_.spend(sizeof(float));
          attribute_.floats.push_back(std::bit_cast<float>(bits));
        });
        break;
      case Type::ints:
        reader.each_varint(field, [&](std::uint64_t bits) {
          budget_.spend(sizeof(std::int64_t));
          attribute_.ints.push_back(static_cast<std::int64_t>(bits));
        });
        break;
      case Type::strings:
        attribute_.strings.push_back(read_string(reader, field, budget_));
        break;
      case Type::t:
        budget_.spend(sizeof(ByteRange));
        tensor_.push_back(field.bytes());
        break;
      default:  // kept as "there is one"
        static_cast<void>(field.bytes());
        break;
    }
  }

  void settle() {
    if (attribute_.name.empty()) fail("it has no name");
    if (attribute_.type == Type::undefined) attribute_.type = held_;  // as of files before 2017
    if (attribute_.type == Type::undefined) fail("it has neither a type nor a value");
    // A value that is absent is 0 or empty: some writers leave these out.
    if (held_ != Type::undefined && held_ != attribute_.type) {
      fail("its type is ", attribute_.type, ", but it holds ", held_);
    }
    attribute_.is_graph = attribute_.type == Type::g || attribute_.type == Type::graphs;
    if (attribute_.type == Type::t) {
      if (tensor_.empty()) fail("its type is t, but it holds no tensor");
      budget_.spend(sizeof(OnnxTensor));
      attribute_.t = std::make_shared<const OnnxTensor>(
          read_onnx_tensor(window_, std::move(tensor_), budget_));
    }
  }

  ProtobufWindow& window_;
  OnnxBudget& budget_;
  OnnxAttribute attribute_;
  Type held_ = Type::undefined;
  std::vector<ByteRange> tensor_;
};

void read_fields(ProtobufWindow& window, ProtobufReader& reader, OnnxNode& node,
                 OnnxBudget& budget) {
  while (const auto field = reader.next()) {
    switch (field->number) {
      case 1:
        node.inputs.push_back(read_onnx_name(reader, *field, budget));
        break;
      case 2:
        node.outputs.push_back(read_onnx_name(reader, *field, budget));
        break;
      case 3:
        node.name = read_onnx_name(reader, *field, budget);
        break;
      case 4:
        node.op_type = read_onnx_name(reader, *field, budget);
        break;
      case 5:
        node.attributes.push_back(AttributeReader(window, budget).read(reader.message(*field)));
        break;
      case 7:
        node.domain = read_onnx_name(reader, *field, budget);
        if (node.domain == "ai.onnx") node.domain.clear();
        break;
      case 8:
        node.overload = read_onnx_name(reader, *field, budget);
        break;
      default:
        break;
    }
  }
}

void check_attributes(const OnnxNode& node) {
  constexpr std::size_t most_attributes = 256;
  if (node.attributes.size() > most_attributes) {
    fail("it has ", node.attributes.size(), " attributes, the limit is ", most_attributes);
  }
  for (const OnnxAttribute& attribute : node.attributes) {
    if (node.find(attribute.name) != &attribute) {
      fail("the attribute '", printable(attribute.name), "' occurs twice");
    }
  }
}

}  // namespace

std::string_view name_of(OnnxAttributeType type) {
  return type_fields[static_cast<std::size_t>(type)].name;
}

const OnnxAttribute* OnnxNode::find(std::string_view attribute) const {
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [&](const OnnxAttribute& one) { return one.name == attribute; });
  return found == attributes.end() ? nullptr : &*found;
}

std::string place_of(const OnnxNode& node, std::size_t index) {
  const std::string name = node.name.empty() ? "" : concat(" '", printable(node.name), "'");
  const std::string type = node.op_type.empty() ? "" : concat(" (", printable(node.op_type), ")");
  return concat("node ", index, name, type);
}

OnnxNode read_onnx_node(ProtobufWindow& window, ProtobufReader reader, std::size_t index,
                        OnnxBudget& budget) {
  OnnxNode node;
  try {
    read_fields(window, reader, node, budget);
    if (node.op_type.empty()) fail("there is no op_type");
    check_attributes(node);
  } catch (const Error& error) {
    fail(place_of(node, index), ": ", error.what());
  }
  return node;
}

}  // namespace nn::io
