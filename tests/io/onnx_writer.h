#pragma once

#include "protobuf_writer.h"

// ONNX files put together part by part. An empty text leaves its field out.
namespace test::onnx {

using protobuf::bytes;
using protobuf::number;

inline std::string text_field(std::uint64_t field, std::string_view text) {
  return text.empty() ? "" : bytes(field, text);
}

// TensorProto without values.
inline std::string tensor(const std::string& name, std::int64_t type,
                          const std::vector<std::int64_t>& dims, const std::string& values) {
  std::string out;
  for (const std::int64_t dim : dims) out += number(1, dim);
  return out + number(2, type) + text_field(8, name) + values;
}
inline std::string raw(std::string_view data) { return bytes(9, data); }
inline std::string entry(std::string_view key, std::string_view value) {
  return bytes(13, bytes(1, key) + bytes(2, value));
}
inline std::string external(std::string_view location, std::string_view offset = "",
                            std::string_view length = "") {
  return entry("location", location) + (offset.empty() ? "" : entry("offset", offset)) +
         (length.empty() ? "" : entry("length", length)) + number(14, 1);
}

// AttributeProto: `value` is the fields of the value.
inline std::string attribute(const std::string& name, std::int64_t type, const std::string& value) {
  return bytes(1, name) + value + (type == 0 ? "" : number(20, type));
}

inline std::string node(const std::string& type, const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs,
                        const std::vector<std::string>& attributes = {},
                        const std::string& more = "") {
  std::string out;
  for (const auto& input : inputs) out += bytes(1, input);
  for (const auto& output : outputs) out += bytes(2, output);
  out += text_field(4, type);
  for (const auto& one : attributes) out += bytes(5, one);
  return out + more;
}

// ValueInfoProto of float32; a negative size is symbolic.
inline std::string value(const std::string& name, const std::vector<std::int64_t>& dims) {
  std::string shape;
  for (const std::int64_t dim : dims) {
    shape += bytes(1, dim < 0 ? bytes(2, "N") : number(1, dim));
  }
  return bytes(1, name) + bytes(2, bytes(1, number(1, 1) + bytes(2, shape)));
}

struct Graph {
  std::vector<std::string> nodes;
  std::vector<std::string> initializers;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::string more = {};

  std::string message() const {
    std::string out;
    for (const auto& one : nodes) out += bytes(1, one);
    out += bytes(2, "g");
    for (const auto& one : initializers) out += bytes(5, one);
    for (const auto& one : inputs) out += bytes(11, one);
    for (const auto& one : outputs) out += bytes(12, one);
    return out + more;
  }
};

// ModelProto. The operators' version comes last, as exporters write it.
inline std::string model(const std::string& graph, std::int64_t opset = 17, std::int64_t ir = 8,
                         const std::string& more = "") {
  return number(1, ir) + bytes(2, "test") + bytes(7, graph) + more +
         bytes(8, bytes(1, "") + number(2, opset));
}
inline std::string model(const Graph& graph) { return model(graph.message()); }

// y = x + w, with w of the given TensorProto.
inline Graph add_graph(const std::string& w) {
  return {{node("Add", {"x", "w"}, {"y"})}, {w}, {value("x", {-1, 3})}, {value("y", {-1, 3})}};
}
inline std::string small_model() {
  return model(
      Graph{{node("Add", {"x", "w"}, {"h"}),
             node("LeakyRelu", {"h"}, {"y"},
                  {attribute("alpha", 1, protobuf::real(2, 0.5F)),
                   attribute("c", 4, bytes(5, tensor("", 7, {2}, protobuf::packed(7, {3, -1}))))})},
            {tensor("w", 1, {3}, raw(floats({1, 2, 3})))},
            {value("x", {-1, 3})},
            {value("y", {-1, 3})}});
}

}  // namespace test::onnx
