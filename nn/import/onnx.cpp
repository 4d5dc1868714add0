#include <algorithm>
#include <unordered_set>

#include <nn/import/common_layers.h>
#include <nn/import/free_rows.h>
#include <nn/import/onnx.h>
#include <nn/import/onnx_step.h>
#include <nn/import/unsupported.h>
#include <nn/layers/cast.h>

namespace nn {
namespace {

bool is_standard(const io::OnnxNode& node) {
  return node.domain.empty() || node.domain == "ai.onnx";
}

// Every operator that the table lacks, at once.
void require_supported(const io::OnnxModel& model) {
  Unsupported missing;
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    const io::OnnxNode& node = model.nodes[i];
    if (is_standard(node) && find_onnx_operator(node.op_type) != nullptr) continue;
    missing.add(is_standard(node) ? node.op_type : node.domain + "." + node.op_type,
                place_of(node, i));
  }
  missing.require_none();
}

DeclaredInput declared(const io::OnnxValue& value) {
  if (!value.dtype) {
    fail("input '", printable(value.name), "' is of type '", printable(value.type),
         "', expected a tensor of an element type that is supported");
  }
  DeclaredInput input{printable(value.name), *value.dtype, {}, value.has_shape};
  for (const io::OnnxDim& dim : value.dims)
    input.sizes.push_back({dim.size, printable(dim.symbol)});
  return input;
}

// Inputs and outputs have the file's element type, what lies between that in which it is computed.
void add_input(GraphBuilder& builder, const io::OnnxValue& value) {
  const DType dtype = *value.dtype, computed = computed_as(dtype);
  if (dtype == computed) return builder.input(value.name, dtype);
  const Operand input = builder.graph_input(value.name, dtype);
  Operand cast = builder.add(value.name, Cast({.dtype = computed}), {&input, 1})[0];
  cast.told = dtype;
  builder.define(value.name, cast);
}

void add_output(GraphBuilder& builder, const io::OnnxValue& value) {
  Operand operand = builder.at(value.name);
  if (value.dtype && *value.dtype != operand.dtype() &&
      computed_as(*value.dtype) == operand.dtype()) {
    if (is_float8(*value.dtype)) {
      operand = builder.add(value.name, saturation_of(*value.dtype), {&operand, 1})[0];
    }
    operand = builder.add(value.name, Cast({.dtype = *value.dtype}), {&operand, 1})[0];
  }
  builder.output(operand, value.name);
}

std::int64_t opset_of(const io::OnnxModel& model) {
  const auto found = model.opsets.find("");
  return found == model.opsets.end() ? io::newest_onnx_opset : found->second;
}

// The names of what nodes take and of what the graph gives; "" is none.
std::unordered_set<std::string_view> values_read(const io::OnnxModel& model) {
  std::unordered_set<std::string_view> read;
  for (const io::OnnxNode& node : model.nodes) read.insert(node.inputs.begin(), node.inputs.end());
  for (const io::OnnxValue& value : model.outputs) read.insert(value.name);
  read.erase("");
  return read;
}

ImportedGraph imported(const io::OnnxModel& model, const OnnxOptions& options,
                       std::optional<std::int64_t> rows) {
  ImportedGraph result;
  GraphBuilder builder;
  if (rows) builder.free_rows(*rows);
  builder.limit_filled(options.most_made_bytes);
  for (const io::OnnxValue& value : model.inputs) {
    if (const auto found = options.constants.find(value.name); found != options.constants.end()) {
      builder.define(value.name, {as_computed(std::make_shared<const Tensor>(found->second)),
                                  {},
                                  DType::float32,
                                  found->second.dtype()});
      continue;
    }
    result.inputs.push_back(declared(value));
    add_input(builder, value);
  }
  const std::unordered_set<std::string_view> read = values_read(model);
  for (const io::OnnxTensor& tensor : model.initializers) {
    if (!read.contains(tensor.name)) continue;
    const auto values = std::make_shared<const Tensor>(model.read(tensor));
    builder.define(tensor.name, {as_computed(values), {}, DType::float32, values->dtype()});
  }
  const std::int64_t opset = opset_of(model);
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    const io::OnnxNode& node = model.nodes[i];
    OnnxStep step(model, node, opset, read, builder);
    io::at_place(place_of(node, i), [&] { find_onnx_operator(node.op_type)->import(step); });
  }
  for (const io::OnnxValue& value : model.outputs) {
    add_output(builder, value);
    result.output_names.push_back(printable(value.name));
  }
  result.format = "onnx";
  result.values = builder.named_values();
  result.graph = std::move(builder).take();
  result.graph.drop_unread();
  result.producer = printable(concat(model.producer_name, " ", model.producer_version));
  return result;
}

}  // namespace

ImportedGraph import_onnx(const io::OnnxModel& model, const OnnxOptions& options) {
  return io::at_place(model.file_name, [&] {
    require_supported(model);
    std::vector<DeclaredInput> inputs;
    for (const io::OnnxValue& value : model.inputs) {
      if (!options.constants.contains(value.name)) inputs.push_back(declared(value));
    }
    return with_free_rows(inputs, [&](auto rows) { return imported(model, options, rows); });
  });
}

ImportedGraph import_onnx(const std::filesystem::path& path, const OnnxOptions& options) {
  return import_onnx(io::open_onnx(path), options);
}

}  // namespace nn
