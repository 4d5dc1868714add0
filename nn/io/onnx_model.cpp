#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <nn/checked.h>
#include <nn/io/file_beneath.h>
#include <nn/io/onnx_model.h>
#include <nn/io/onnx_node.h>
#include <nn/io/onnx_tensor.h>
#include <nn/io/onnx_value.h>
#include <nn/io/onnx_wiring.h>
#include <nn/io/sniff.h>
#include <nn/io/tensor_view.h>
#include <nn/io/utf8.h>

namespace nn::io {
namespace {

constexpr std::size_t most_nodes = 65536;
constexpr std::size_t most_tensors = 65536;
constexpr std::size_t most_values = 65536;  // inputs, outputs, value_info: of each
constexpr std::size_t most_opsets = 256;
constexpr std::size_t most_functions = 4096;
constexpr std::size_t most_notes = 256;  // of metadata_props; more are left out
constexpr std::uint64_t longest_note = 65536;

class ModelReader {
 public:
  ModelReader(OnnxModel& model, ProtobufWindow& window) : model_(model), window_(window) {}

  void read() {
    ProtobufReader reader(window_);
    while (const auto field = reader.next()) read_field(reader, *field);
    if (!has_graph_) fail("there is no graph in it: this is no ONNX model, or it was cut short");
    check_versions();
    at_place("graph", [&] {
      refuse_function_calls();
      check_onnx_wiring(model_);
    });
    std::unordered_set<std::string_view> constants;
    for (const OnnxTensor& tensor : model_.initializers) constants.insert(tensor.name);
    std::erase_if(model_.inputs,
                  [&](const OnnxValue& value) { return constants.contains(value.name); });
  }

 private:
  void read_field(const ProtobufReader& reader, const ProtobufField& field) {
    switch (field.number) {
      case 1:
        model_.ir_version = field.integer();
        break;
      case 2:
        model_.producer_name = read_onnx_name(reader, field, budget_);
        break;
      case 3:
        model_.producer_version = read_onnx_name(reader, field, budget_);
        break;
      case 7:
        has_graph_ = true;
        at_place("graph", [&] {
          count(reader.message(field));
          read_graph(reader.message(field));
        });
        break;
      case 8:
        at_place("opset_import", [&] { read_opset(reader.message(field)); });
        break;
      case 14:
        at_place("metadata_props", [&] { read_note(reader.message(field)); });
        break;
      case 20:
        fail("the model has training_info; export it for inference");
      case 25:
        at_place("functions", [&] { read_function(reader.message(field)); });
        break;
      default:
        break;
    }
  }

  void read_opset(ProtobufReader reader) {
    std::string domain;
    std::int64_t version = 0;
    while (const auto field = reader.next()) {
      if (field->number == 1) domain = read_onnx_name(reader, *field, budget_);
      if (field->number == 2) version = field->integer();
    }
    if (domain == "ai.onnx") domain.clear();
    const auto found = model_.opsets.emplace(std::move(domain), version);
    if (!found.second && found.first->second != version) {
      fail("domain '", printable(found.first->first), "' has the versions ", found.first->second,
           " and ", version, ", expected one");
    }
    if (model_.opsets.size() > most_opsets) fail("more than ", most_opsets, ", the limit");
  }

  void read_note(ProtobufReader reader) {
    std::pair<std::string, std::string> note;
    bool fits_in = model_.metadata_props.size() < most_notes;
    while (const auto field = reader.next()) {
      if (field->number != 1 && field->number != 2) continue;
      fits_in = fits_in && field->bytes().length <= longest_note;
      if (fits_in)
        (field->number == 1 ? note.first : note.second) = reader.text(*field, longest_note);
    }
    if (!fits_in) return;
    budget_.spend(sizeof(note) + note.first.size() + note.second.size());
    model_.metadata_props.push_back(std::move(note));
  }

  void read_function(ProtobufReader reader) {
    std::string name;
    std::string domain;
    std::string overload;
    while (const auto field = reader.next()) {
      if (field->number == 1) name = read_onnx_name(reader, *field, budget_);
      if (field->number == 10) domain = read_onnx_name(reader, *field, budget_);
      if (field->number == 13) overload = read_onnx_name(reader, *field, budget_);
    }
    if (domain == "ai.onnx") domain.clear();
    if (model_.functions.size() == most_functions)
      fail("more than ", most_functions, ", the limit");
    model_.functions.push_back(function_name(domain, name, overload));
  }

  static std::string function_name(const std::string& domain, const std::string& name,
                                   const std::string& overload) {
    return concat(domain, domain.empty() ? "" : ".", name, overload.empty() ? "" : ":", overload);
  }

  // Makes room, once it is known how many there are.
  void count(ProtobufReader reader) {
    std::size_t nodes = model_.nodes.size();
    std::size_t tensors = model_.initializers.size() + model_.sparse_initializers.size();
    std::size_t inputs = model_.inputs.size();
    std::size_t outputs = model_.outputs.size();
    std::size_t infos = model_.value_info.size();
    while (const auto field = reader.next()) {
      if (field->number == 1) ++nodes;
      if (field->number == 5 || field->number == 15) ++tensors;
      if (field->number == 11) ++inputs;
      if (field->number == 12) ++outputs;
      if (field->number == 13) ++infos;
    }
    const auto check = [](std::size_t number, std::size_t most, std::string_view what) {
      if (number > most) fail(number, " ", what, ", the limit is ", most);
    };
    check(nodes, most_nodes, "nodes");
    check(tensors, most_tensors, "initializers");
    check(inputs, most_values, "inputs");
    check(outputs, most_values, "outputs");
    check(infos, most_values, "value_info");
    budget_.spend((nodes - model_.nodes.size()) * sizeof(OnnxNode) +
                  (tensors - model_.initializers.size()) * sizeof(OnnxTensor) +
                  (inputs - model_.inputs.size() + outputs - model_.outputs.size() + infos -
                   model_.value_info.size()) *
                      sizeof(OnnxValue));
    model_.nodes.reserve(nodes);
    model_.initializers.reserve(tensors);
    model_.inputs.reserve(inputs);
    model_.outputs.reserve(outputs);
    model_.value_info.reserve(infos);
  }

  void read_graph(ProtobufReader reader) {
    while (const auto field = reader.next()) {
      switch (field->number) {
        case 1:
          model_.nodes.push_back(
              read_onnx_node(window_, reader.message(*field), model_.nodes.size(), budget_));
          break;
        case 2:
          model_.graph_name = read_onnx_name(reader, *field, budget_);
          break;
        case 5:
          model_.initializers.push_back(read_onnx_tensor(window_, {field->bytes()}, budget_));
          if (model_.initializers.back().name.empty()) fail("an initializer has no name");
          break;
        case 11:
          model_.inputs.push_back(read_onnx_value(reader.message(*field), budget_));
          break;
        case 12:
          model_.outputs.push_back(read_onnx_value(reader.message(*field), budget_));
          break;
        case 13:
          model_.value_info.push_back(read_onnx_value(reader.message(*field), budget_));
          break;
        case 15:
          model_.sparse_initializers.push_back(read_sparse(reader.message(*field)));
          break;
        default:
          break;
      }
    }
  }

  // The name of its values alone.
  std::string read_sparse(ProtobufReader reader) {
    std::string name;
    while (const auto field = reader.next()) {
      if (field->number != 1) continue;
      ProtobufReader values = reader.message(*field);
      while (const auto inner = values.next()) {
        if (inner->number == 8) name = read_onnx_name(values, *inner, budget_);
      }
    }
    if (name.empty()) fail("a sparse initializer has no name");
    return name;
  }

  void check_versions() const {
    if (model_.ir_version < oldest_onnx_ir || model_.ir_version > newest_onnx_ir) {
      fail("ir_version ", model_.ir_version, ", expected ", oldest_onnx_ir, " to ", newest_onnx_ir,
           "; export the model anew");
    }
    if (model_.opsets.empty()) {
      fail(
          "there is no opset_import: expected the version of the operators, or the file was cut "
          "short");
    }
    const auto standard = model_.opsets.find("");
    if (standard == model_.opsets.end()) {
      for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
        if (!model_.nodes[i].domain.empty()) continue;
        fail(place_of(model_.nodes[i], i),
             ": opset_import has no version of the standard's "
             "operators");
      }
      return;
    }
    if (standard->second < oldest_onnx_opset || standard->second > newest_onnx_opset) {
      fail("opset ", standard->second, ", expected ", oldest_onnx_opset, " to ", newest_onnx_opset,
           "; export the model anew, or convert it with onnx.version_converter");
    }
  }

  void refuse_function_calls() const {
    const std::unordered_set<std::string_view> functions(model_.functions.begin(),
                                                         model_.functions.end());
    if (functions.empty()) return;
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      const OnnxNode& node = model_.nodes[i];
      const std::string name = function_name(node.domain, node.op_type, node.overload);
      if (!functions.contains(name)) continue;
      fail(place_of(node, i), " calls the function '", printable(name),
           "' of the model, which is not read; inline the functions with onnx.inliner");
    }
  }

  OnnxModel& model_;
  ProtobufWindow& window_;
  OnnxBudget budget_;
  bool has_graph_ = false;
};

constexpr std::string_view external_advice =
    "; the data has to lie beneath the model's folder: copy it there, or save the model in one "
    "file "
    "(torch.onnx.export(…, external_data=False))";

std::string external_place(const OnnxExternalData& external) {
  return concat("external data '", printable(external.location), "'");
}

void check_external_range(const OnnxTensor& tensor, std::uint64_t size) {
  const std::uint64_t needed = tensor.unreadable.empty() ? nbytes(tensor.spec) : 0;
  const std::uint64_t offset = tensor.external->offset;
  if (fits(offset, needed, size)) return;
  fail("tensor '", printable(tensor.name), "' needs ", needed, " bytes at byte ", offset,
       ", the file has ", size, " in all");
}

// Every file once, at the first tensor that names it.
class ExternalFiles {
 public:
  explicit ExternalFiles(const std::filesystem::path* folder) : folder_(folder) {}

  void check(const OnnxTensor& tensor) {
    if (!tensor.external) return;
    if (folder_ == nullptr) {
      fail("tensor '", printable(tensor.name),
           "' has external data, these bytes are no file; open the model by its path");
    }
    at_place(external_place(*tensor.external), [&] {
      const auto [found, added] = sizes_.try_emplace(tensor.external->location);
      if (added) {
        try {
          found->second = open_beneath(*folder_, tensor.external->location)->size();
        } catch (const Error& error) {
          fail(error.what(), external_advice);
        }
      }
      check_external_range(tensor, found->second);
    });
  }

 private:
  const std::filesystem::path* folder_;
  std::unordered_map<std::string_view, std::uint64_t> sizes_;
};

void check_external(const OnnxModel& model, bool is_file) {
  ExternalFiles files(is_file ? &model.folder : nullptr);
  for (const OnnxTensor& tensor : model.initializers) files.check(tensor);
  for (const OnnxNode& node : model.nodes) {
    for (const OnnxAttribute& attribute : node.attributes) {
      if (attribute.t) files.check(*attribute.t);
    }
  }
}

OnnxModel read_model(std::shared_ptr<const ByteSource> file, const std::filesystem::path* path) {
  OnnxModel model;
  model.file_name = file->name();
  model.file = std::move(file);
  if (path != nullptr) model.folder = path->parent_path();
  at_place(model.file_name, [&] {
    const Format format = sniff(*model.file);
    if (format == Format::empty) fail("the file is empty (0 bytes); expected an ONNX model");
    if (format == Format::git_lfs_pointer || format == Format::web_page || format == Format::gzip) {
      fail_unreadable(format);
    }
    if (format != Format::onnx && format != Format::unknown) {
      fail("this is no ONNX model, but a file of another format; open it as what it is");
    }
    ProtobufWindow window(*model.file);
    ModelReader(model, window).read();
    check_external(model, path != nullptr);
  });
  return model;
}

}  // namespace

std::string read_onnx_name(const ProtobufReader& reader, const ProtobufField& field,
                           OnnxBudget& budget) {
  std::string name = reader.text(field, longest_onnx_name);
  if (name.find('\0') != std::string::npos || !is_utf8(name)) {
    fail("byte ", field.offset, ": the name '", printable(name), "' is not UTF-8 or contains NUL");
  }
  budget.spend(sizeof(name) + name.size());
  return name;
}

Tensor OnnxModel::read(const OnnxTensor& tensor) const {
  const auto values = [&] {
    if (!tensor.unreadable.empty()) fail("it cannot be used: ", tensor.unreadable);
    Tensor result = Tensor::uninitialized(tensor.spec);
    const std::span<std::byte> out = result.view().bytes();
    switch (tensor.storage) {
      case OnnxTensor::Storage::none:
        break;
      case OnnxTensor::Storage::raw:
        file->read_at(tensor.raw.begin, out);
        break;
      case OnnxTensor::Storage::numbers: {
        ProtobufWindow window(*file);
        read_onnx_numbers(window, tensor, out);
        break;
      }
      case OnnxTensor::Storage::external:
        at_place(external_place(*tensor.external), [&] {
          const auto data = open_beneath(folder, tensor.external->location);
          check_external_range(tensor, data->size());
          data->read_at(tensor.external->offset, out);
        });
        break;
    }
    if (result.dtype() == DType::boolean) make_bools(out);
    return result;
  };
  return at_place(
      file_name, [&] { return at_place(concat("tensor '", printable(tensor.name), "'"), values); });
}

OnnxModel open_onnx(const std::filesystem::path& path) {
  return read_model(open_file(path), &path);
}

OnnxModel onnx_from_bytes(std::vector<std::byte> bytes, const std::string& name) {
  return read_model(memory_source(std::move(bytes), name), nullptr);
}

}  // namespace nn::io
