#include <nn/io/onnx_type.h>
#include <nn/io/onnx_value.h>

namespace nn::io {
namespace {

OnnxDim read_dim(ProtobufReader reader, OnnxBudget& budget) {
  OnnxDim dim;
  budget.spend(sizeof(dim));
  while (const auto field = reader.next()) {
    if (field->number == 1) {
      // Some writers say -1, and old ones 0 or less, for a size that is not known.
      const std::int64_t size = field->integer();
      dim = {};
      if (size >= 0) dim.size = size;
    } else if (field->number == 2) {
      dim.size.reset();
      dim.symbol = read_onnx_name(reader, *field, budget);
    }
  }
  return dim;
}

void read_shape(ProtobufReader reader, OnnxValue& value, OnnxBudget& budget) {
  value.has_shape = true;
  while (const auto field = reader.next()) {
    if (field->number != 1) continue;
    if (value.dims.size() == Shape::max_rank) {
      fail("more than ", Shape::max_rank, " dimensions, the limit");
    }
    value.dims.push_back(read_dim(reader.message(*field), budget));
  }
}

void read_tensor_type(ProtobufReader reader, OnnxValue& value, OnnxBudget& budget) {
  while (const auto field = reader.next()) {
    if (field->number == 1) {
      const std::int64_t number = field->integer();
      const OnnxType* type = find_onnx_type(number);
      if (type == nullptr && number != 0) {
        fail("elem_type ", number, " is not one of ONNX's element types");
      }
      value.type = type == nullptr ? "" : type->name;
      value.dtype = type == nullptr ? std::nullopt : type->dtype;
    } else if (field->number == 2) {
      read_shape(reader.message(*field), value, budget);
    }
  }
}

void read_type(ProtobufReader reader, OnnxValue& value, OnnxBudget& budget) {
  while (const auto field = reader.next()) {
    switch (field->number) {
      case 1:
        read_tensor_type(reader.message(*field), value, budget);
        break;
      case 4:
        value.type = "sequence";
        break;
      case 5:
        value.type = "map";
        break;
      case 7:
        value.type = "opaque";
        break;
      case 8:
        value.type = "sparse tensor";
        break;
      case 9:
        value.type = "optional";
        break;
      default:
        break;
    }
  }
}

}  // namespace

OnnxValue read_onnx_value(ProtobufReader reader, OnnxBudget& budget) {
  OnnxValue value;
  try {
    while (const auto field = reader.next()) {
      if (field->number == 1) value.name = read_onnx_name(reader, *field, budget);
      if (field->number == 2) read_type(reader.message(*field), value, budget);
    }
  } catch (const Error& error) {
    fail("value '", printable(value.name), "': ", error.what());
  }
  if (value.name.empty()) fail("a value without a name");
  return value;
}

}  // namespace nn::io
