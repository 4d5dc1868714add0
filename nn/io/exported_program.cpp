#include <algorithm>
#include <charconv>
#include <utility>

#include <nn/io/exported_program.h>
#include <nn/io/sniff.h>
#include <nn/io/zip.h>

namespace nn::io {
namespace {

constexpr std::uint64_t longest_json = std::uint64_t{16} << 20;
constexpr std::uint64_t longest_note = 64;  // entries that hold a word or a number
constexpr std::string_view old_program = "serialized_exported_program.json";

using Input = ExportedInput::Kind;

// The file as an archive, whatever its layout: where the program and its weights are.
class Archive {
 public:
  Archive(std::shared_ptr<const ByteSource> source, std::string_view model)
      : zip_(open(std::move(source))) {
    if (zip_->find(old_program) != nullptr) {
      if (!model.empty()) {
        fail("the program '", printable(model),
             "' was asked for, but the file is of PyTorch 2.7 or before and holds one without a "
             "name");
      }
      check_old_version();
      return;
    }
    find_root();
    check_note("archive_format", "pt2");
    check_note("archive_version", "0");
    if (zip_->find(root_ + "byteorder") != nullptr) check_note("byteorder", "little");
    choose_model(model);
  }

  ExportedProgram read() const {
    const ZipEntry& entry = entry_named(root_.empty() ? std::string(old_program)
                                                      : concat(root_, "models/", model_, ".json"));
    const auto bytes = zip_->read(entry, longest_json);
    ExportedProgram program =
        at_place(printable(entry.name), [&] { return parse_exported_program(text_of(bytes)); });
    program.model_names = models_;
    // What nothing needs stays closed.
    if (needs(program, true)) program.weights.add(open_part("weights", "state_dict"));
    if (needs(program, false)) program.weights.add(open_part("constants", "constants"));
    return program;
  }

 private:
  static std::shared_ptr<const ZipArchive> open(std::shared_ptr<const ByteSource> source) {
    const Format format = sniff(*source);
    if (format != Format::zip) fail_other(format);
    auto archive = std::make_shared<const ZipArchive>(std::move(source));
    const Format content = sniff_zip(*archive);
    if (content != Format::exported_program) fail_other(content);
    return archive;
  }
  [[noreturn]] static void fail_other(Format format) {
    constexpr std::string_view expected = "expected a program of torch.export.save (.pt2)";
    if (format == Format::torch_zip || format == Format::torch_legacy ||
        format == Format::safetensors) {
      fail(expected, ", this is a file of weights alone");
    }
    if (format == Format::torch_script || format == Format::torch_script_json) {
      fail(expected, ", this is TorchScript; export the module with torch.export.export");
    }
    if (format == Format::other_zip || format == Format::npz || format == Format::unknown) {
      fail(expected, ", this is none");
    }
    fail_unreadable(format);
  }

  const ZipEntry& entry_named(const std::string& name) const {
    const ZipEntry* entry = zip_->find(name);
    if (entry == nullptr) fail("the entry '", printable(name), "' is missing");
    return *entry;
  }

  void find_root() {
    const std::string_view first = zip_->entries().front().name;
    root_ = first.substr(0, first.find('/') + 1);
    for (const ZipEntry& entry : zip_->entries()) {
      if (root_.empty() || !entry.name.starts_with(root_)) {
        fail("entry '", printable(entry.name), "' is not in the folder '", printable(root_),
             "' of the first entry; expected one folder");
      }
    }
  }

  std::string note(const std::string& name) const {
    const auto bytes = zip_->read(entry_named(name), longest_note);
    std::string_view text = text_of(bytes);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    return std::string(text);
  }
  void check_note(std::string_view name, std::string_view expected) const {
    const std::string text = note(concat(root_, name));
    if (text == expected) return;
    fail(printable(concat(root_, name)), ": found '", printable(text), "', expected '", expected,
         "'; a newer PyTorch may have written the file");
  }
  // "8.8": the version of the schema.
  void check_old_version() const {
    const std::string text = note("version");
    std::uint64_t major = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), major);
    if (error != std::errc() || end == text.data() + text.size() || *end != '.' || major != 8) {
      fail("version: found '", printable(text), "', expected '8.' and a number");
    }
  }

  void choose_model(std::string_view model) {
    const std::string folder = root_ + "models/";
    for (const ZipEntry& entry : zip_->entries()) {
      std::string_view name = entry.name;
      if (!name.starts_with(folder) || !name.ends_with(".json")) continue;
      name.remove_prefix(folder.size());
      models_.emplace_back(name.substr(0, name.size() - std::string_view(".json").size()));
    }
    if (models_.empty()) {
      fail(
          "the archive holds no program 'models/NAME.json'; compiled libraries (AOTInductor) and "
          "programs of ExecuTorch are not read: save with torch.export.save");
    }
    model_ = model;
    if (model_.empty()) model_ = models_.size() == 1 ? models_.front() : "model";
    if (std::ranges::find(models_, model_) == models_.end()) {
      fail(model.empty() ? "which program is meant is not clear; the file holds "
                         : concat("there is no program '", printable(model), "'; the file holds "),
           listed());
    }
  }
  std::string listed() const {
    constexpr std::size_t most_shown = 8;
    std::string text;
    for (std::size_t i = 0; i < models_.size() && i < most_shown; ++i) {
      text += concat(i == 0 ? "'" : ", '", printable(models_[i]), "'");
    }
    return models_.size() > most_shown ? concat(text, " and others") : text;
  }

  // Whether an input is stored among the weights, or the constants.
  static bool needs(const ExportedProgram& program, bool among_weights) {
    return std::ranges::any_of(program.inputs, [&](const ExportedInput& input) {
      const bool weight =
          input.kind == Input::parameter || (input.kind == Input::buffer && input.persistent);
      const bool constant = input.kind == Input::tensor_constant ||
                            (input.kind == Input::buffer && !input.persistent);
      return among_weights ? weight : constant;
    });
  }

  std::shared_ptr<const Container> open_part(std::string_view part,
                                             std::string_view old_part) const {
    if (root_.empty()) {
      const std::string name = concat("serialized_", old_part, ".pt");
      return open_nested_weights(*zip_, entry_named(name));
    }
    const std::string folder = concat(root_, "data/", part, '/');
    const ZipEntry* nested = zip_->find(concat(folder, model_, ".pt"));
    if (nested != nullptr) return open_nested_weights(*zip_, *nested);
    const ZipEntry& config = entry_named(concat(folder, model_, '_', part, "_config.json"));
    return open_exported_records(zip_, config, folder);
  }

  std::shared_ptr<const ZipArchive> zip_;
  std::string root_;  // with its slash; empty before PyTorch 2.8
  std::vector<std::string> models_;
  std::string model_;
};

bool same_sizes(const ExportedTensor& meta, const Shape& shape) {
  if (meta.sizes.size() != shape.rank()) return false;
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    if (meta.sizes[i].value && *meta.sizes[i].value != shape[i]) return false;
  }
  return true;
}

// Every tensor that an input names is there, as the graph describes it.
void check_weights(const ExportedProgram& program) {
  for (const ExportedInput& input : program.inputs) {
    const bool stored = input.kind == Input::parameter || input.kind == Input::buffer ||
                        input.kind == Input::tensor_constant;
    if (!stored) continue;
    const StateDict::Entry* entry = program.weights.find(input.fqn);
    if (entry == nullptr) {
      fail("input '", printable(input.name), "' is the tensor '", printable(input.fqn),
           "', which is not among the ", program.weights.names().size(),
           " weights and constants of the file");
    }
    const auto meta = program.tensors.find(input.name);
    if (meta == program.tensors.end() || !entry->unreadable.empty()) continue;
    if (meta->second.dtype->name != entry->dtype || !same_sizes(meta->second, entry->shape)) {
      fail("tensor '", printable(input.fqn), "' is ", entry->dtype, ' ', entry->shape,
           ", the graph expects another element type or other sizes for '", printable(input.name),
           "'");
    }
  }
}

ExportedProgram open_source(std::shared_ptr<const ByteSource> source, std::string_view model) {
  const std::string name = source->name();  // the source may go before its Error
  return at_place(name, [&] {
    ExportedProgram program = Archive(std::move(source), model).read();
    check_weights(program);
    program.source = name;
    return program;
  });
}

}  // namespace

const ExportedArgument* ExportedNode::find(std::string_view input) const {
  for (const Input& candidate : inputs) {
    if (candidate.name == input) return &candidate.argument;
  }
  return nullptr;
}

Tensor ExportedProgram::read(std::string_view fqn) const {
  return at_place(source, [&] { return weights.read(fqn); });
}

ExportedProgram open_exported_program(const std::filesystem::path& path, std::string_view model) {
  return open_source(open_file(path), model);
}

ExportedProgram exported_program_from_bytes(std::vector<std::byte> bytes, const std::string& name,
                                            std::string_view model) {
  return open_source(memory_source(std::move(bytes), name), model);
}

}  // namespace nn::io
