#include <array>
#include <utility>

#include <nn/error.h>
#include <nn/io/entries.h>
#include <nn/io/json.h>
#include <nn/io/script_model_json.h>
#include <nn/shape.h>

namespace nn::io {
namespace {

// Names of the JSON form of protobuf, or those of the .proto file.
bool is_key(std::string_view key, std::string_view json_name, std::string_view proto_name) {
  return key == json_name || key == proto_name;
}

// caffe2.TensorProto.DataType
// https://github.com/pytorch/pytorch/blob/v1.3.0/caffe2/proto/caffe2.proto
const TorchDType* find_proto_dtype(std::string_view name) {
  using Row = std::pair<std::string_view, std::string_view>;
  constexpr std::array rows = {
      Row{"FLOAT", "float32"},     Row{"DOUBLE", "float64"}, Row{"FLOAT16", "float16"},
      Row{"BFLOAT16", "bfloat16"}, Row{"INT64", "int64"},    Row{"INT32", "int32"},
      Row{"INT16", "int16"},       Row{"INT8", "int8"},      Row{"UINT8", "uint8"},
      Row{"BYTE", "uint8"},        Row{"UINT16", "uint16"},  Row{"BOOL", "bool"},
  };
  for (const auto& [proto, torch] : rows) {
    if (proto == name) return find_torch_dtype(torch);
  }
  return nullptr;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : json_(text) {}

  ScriptModelJson parse() {
    bool has_module = false;
    bool has_tensors = false;
    json_.begin_object();
    while (const auto key = json_.next_key()) {
      if (is_key(*key, "mainModule", "main_module")) {
        once(has_module, *key);
        parse_modules();
      } else if (*key == "tensors") {
        once(has_tensors, *key);
        json_.begin_array();
        while (json_.next_item()) parse_tensor();
      } else {
        json_.skip();
      }
    }
    json_.finish();
    if (!has_module) fail("expected 'mainModule'");
    for (const auto& module : result_.modules) {
      for (const auto& parameter : module.parameters) {
        if (parameter.tensor >= result_.tensors.size()) {
          fail("parameter '", printable(parameter.name), "' is tensor ", parameter.tensor,
               ", there are ", result_.tensors.size());
        }
      }
    }
    return std::move(result_);
  }

 private:
  static void once(bool& seen, std::string_view key) {
    if (seen) fail("the key '", printable(key), "' twice in one object");
    seen = true;
  }

  // Modules nest; those that are open are a stack, each with whether its list of submodules is.
  void parse_modules() {
    struct Open {
      std::size_t module;
      bool in_submodules;
    };
    std::vector<Open> open;
    const auto enter = [&](std::size_t parent) {
      check_tensor_count(result_.modules.size() + 1);  // no more modules than tensors
      json_.begin_object();
      open.push_back({result_.modules.size(), false});
      result_.modules.push_back({{}, parent, {}});
    };
    enter(0);
    while (!open.empty()) {
      Open& top = open.back();
      if (top.in_submodules) {
        if (json_.next_item()) {
          enter(top.module);
        } else {
          top.in_submodules = false;
        }
        continue;
      }
      const auto key = json_.next_key();
      if (!key) {
        open.pop_back();
      } else if (*key == "submodules") {
        json_.begin_array();
        top.in_submodules = true;
      } else if (*key == "name") {
        result_.modules[top.module].name = json_.string();
      } else if (*key == "parameters") {
        json_.begin_array();
        while (json_.next_item()) parse_parameter(result_.modules[top.module]);
      } else {
        json_.skip();
      }
    }
  }

  void parse_parameter(ScriptModelJson::ModuleDef& module) {
    ScriptModelJson::ParameterDef parameter;
    check_tensor_count(++parameter_count_);
    bool has_tensor = false;
    json_.begin_object();
    while (const auto key = json_.next_key()) {
      if (*key == "name") {
        parameter.name = json_.string();
      } else if (is_key(*key, "tensorId", "tensor_id")) {
        once(has_tensor, *key);
        parameter.tensor = json_.unsigned_integer_or_text();
      } else if (is_key(*key, "isBuffer", "is_buffer")) {
        parameter.is_buffer = json_.boolean();
      } else {
        json_.skip();
      }
    }
    if (!has_tensor || parameter.name.empty()) {
      fail("parameter '", printable(parameter.name), "': expected 'name' and 'tensorId'");
    }
    module.parameters.push_back(std::move(parameter));
  }

  void parse_tensor() {
    ScriptModelJson::TensorDef tensor;
    check_tensor_count(result_.tensors.size() + 1);
    const std::string shown = concat("tensor ", result_.tensors.size());
    std::array<bool, 5> seen{};
    json_.begin_object();
    while (const auto key = json_.next_key()) {
      if (*key == "dims") {
        once(seen[0], *key);
        tensor.dims = integers();
      } else if (*key == "strides") {
        once(seen[1], *key);
        tensor.strides = integers();
      } else if (*key == "offset") {
        once(seen[2], *key);
        tensor.offset = integer();
      } else if (is_key(*key, "dataType", "data_type")) {
        once(seen[3], *key);
        const std::string name = json_.string();
        tensor.type = find_proto_dtype(name);
        if (tensor.type == nullptr) {
          fail(shown, ": element type '", printable(name), "', expected one like 'FLOAT'");
        }
      } else if (*key == "data") {
        once(seen[4], *key);
        tensor.record = record_key();
      } else if (is_key(*key, "isQuantized", "is_quantized")) {
        tensor.quantized = json_.boolean();
      } else {
        json_.skip();
      }
    }
    if (tensor.type == nullptr || tensor.record.empty()) {
      fail(shown, ": expected 'dataType' and 'data' with its 'key'");
    }
    result_.tensors.push_back(std::move(tensor));
  }

  std::string record_key() {
    std::string record;
    json_.begin_object();
    while (const auto key = json_.next_key()) {
      if (*key == "key") {
        record = json_.string();
      } else {
        json_.skip();
      }
    }
    return record;
  }

  std::int64_t integer() {
    const std::uint64_t value = json_.unsigned_integer_or_text();
    if (!std::in_range<std::int64_t>(value)) fail("a size or offset of ", value, " is too large");
    return static_cast<std::int64_t>(value);
  }

  std::vector<std::int64_t> integers() {
    std::vector<std::int64_t> values;
    json_.begin_array();
    while (json_.next_item()) {
      if (values.size() == Shape::max_rank) {
        fail("more than ", Shape::max_rank, " dimensions, the limit");
      }
      values.push_back(integer());
    }
    return values;
  }

  JsonReader json_;
  ScriptModelJson result_;
  std::size_t parameter_count_ = 0;
};

}  // namespace

ScriptModelJson ScriptModelJson::parse(std::string_view text) { return Parser(text).parse(); }

}  // namespace nn::io
