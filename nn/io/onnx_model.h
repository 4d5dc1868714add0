#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nn/io/file.h>
#include <nn/io/protobuf.h>
#include <nn/tensor.h>

// What an ONNX file says, checked as a file and as a graph of names; no operator is looked at.
// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, whose field names the members bear.
namespace nn::io {

// Values outside of the model file.
struct OnnxExternalData {
  std::string location;  // beneath the model's folder
  std::uint64_t offset = 0;
};

// An initializer or a constant. Its values stay in the file: OnnxModel::read.
struct OnnxTensor {
  std::string name;
  TensorSpec spec;         // of an unreadable one the shape alone
  std::string type;        // PyTorch's name, or ONNX's where PyTorch has none: "string", "int4"
  std::string unreadable;  // why read() refuses it; empty: it does not

  enum class Storage : std::uint8_t { none, raw, numbers, external };
  Storage storage = Storage::none;
  ByteRange raw;                 // raw_data in the file
  std::vector<ByteRange> parts;  // the TensorProto; several are merged
  std::shared_ptr<const OnnxExternalData> external;
};

enum class OnnxAttributeType : std::uint8_t {
  undefined = 0,
  f = 1,
  i = 2,
  s = 3,
  t = 4,
  g = 5,
  floats = 6,
  ints = 7,
  strings = 8,
  tensors = 9,
  graphs = 10,
  sparse_tensor = 11,
  sparse_tensors = 12,
  tp = 13,
  type_protos = 14,
};
// "ints"
std::string_view name_of(OnnxAttributeType type);
inline std::string to_text(OnnxAttributeType type) { return std::string(name_of(type)); }

// The member that `type` names holds the value. Of tensors, graphs, sparse tensors and types there
// is the type alone. What refers to an attribute of a function (ref_attr_name) is refused.
struct OnnxAttribute {
  std::string name;
  OnnxAttributeType type = OnnxAttributeType::undefined;
  float f = 0;
  std::int64_t i = 0;
  std::string s;
  std::vector<float> floats;
  std::vector<std::int64_t> ints;
  std::vector<std::string> strings;
  std::shared_ptr<const OnnxTensor> t;
  bool is_graph = false;  // g or graphs
};

struct OnnxNode {
  std::string name;  // may be empty
  std::string op_type;
  std::string domain;  // "" of the standard's operators
  std::string overload;
  std::vector<std::string> inputs;   // "": absent
  std::vector<std::string> outputs;  // "": absent
  std::vector<OnnxAttribute> attributes;

  // nullptr when there is none.
  const OnnxAttribute* find(std::string_view attribute) const;
};
// "node 3 'conv1' (Conv)", safe to print.
std::string place_of(const OnnxNode& node, std::size_t index);

struct OnnxDim {
  std::optional<std::int64_t> size;
  std::string symbol;  // where there is no size; may be empty: unknown
};

struct OnnxValue {
  std::string name;
  std::string type;  // as OnnxTensor::type; "sequence" and so on of no tensors; "": unknown
  std::optional<DType> dtype;  // where it is one of ours
  bool has_shape = false;
  std::vector<OnnxDim> dims;
};

struct OnnxModel {
  std::int64_t ir_version = 0;
  std::string producer_name;
  std::string producer_version;
  std::map<std::string, std::int64_t, std::less<>> opsets;  // by domain, "" the standard's
  std::vector<std::pair<std::string, std::string>> metadata_props;

  std::string graph_name;
  std::vector<OnnxNode> nodes;  // each after those whose outputs it takes
  std::vector<OnnxTensor> initializers;
  std::vector<OnnxValue> inputs;  // without those that are initializers
  std::vector<OnnxValue> outputs;
  std::vector<OnnxValue> value_info;
  std::vector<std::string> functions;            // that no node calls: "domain.name"
  std::vector<std::string> sparse_initializers;  // that no node takes

  std::string file_name;  // safe to print
  std::filesystem::path folder;
  std::shared_ptr<const ByteSource> file;

  // Throws Error (file, tensor, reason). Threads may read at once.
  // REQUIRES: the tensor is of this model.
  Tensor read(const OnnxTensor& tensor) const;
};

inline constexpr std::int64_t oldest_onnx_ir = 3;
inline constexpr std::int64_t newest_onnx_ir = 14;
inline constexpr std::int64_t oldest_onnx_opset = 7;
inline constexpr std::int64_t newest_onnx_opset = 28;

// Throws Error, naming the file and the place in it, unless the model is in order: one graph,
// versions that are read, every value defined once and before it is used (so there is no cycle),
// every tensor with as many bytes as its shape needs, external data beneath the file's folder.
OnnxModel open_onnx(const std::filesystem::path& path);
// The same of bytes, which cannot have external data.
OnnxModel onnx_from_bytes(std::vector<std::byte> bytes, const std::string& name);

}  // namespace nn::io
