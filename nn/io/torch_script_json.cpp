#include <deque>
#include <unordered_map>

#include <nn/io/entries.h>
#include <nn/io/script_model_json.h>
#include <nn/io/tensor_view.h>
#include <nn/io/torch_archive_container.h>
#include <nn/io/torch_script_json.h>

namespace nn::io {
namespace {

constexpr std::uint64_t longest_json = std::uint64_t{16} << 20;
constexpr std::size_t longest_names = std::size_t{16} << 20;  // of all tensors together

class TorchScriptJson final : public TorchArchiveContainer {
 public:
  explicit TorchScriptJson(ZipArchive archive) : TorchArchiveContainer(std::move(archive)) {
    const ZipEntry& entry = archive_.entry_named("model.json");
    const auto bytes = archive_.zip().read(entry, longest_json);
    at_place(printable(entry.name), [&] {
      const ScriptModelJson model = ScriptModelJson::parse(text_of(bytes));
      TorchTensors tensors = read_tensors(model);
      ChosenWeights chosen = name_tensors(model, tensors);
      list(std::move(tensors), std::move(chosen));
    });
    facts_.producer = "PyTorch 1.0 to 1.3";
  }

  std::string_view format() const override { return "TorchScript archive of 2019"; }

 private:
  TorchTensors read_tensors(const ScriptModelJson& model) {
    std::vector<TorchStorage> storages;
    std::deque<TorchTensor> tensors;
    std::unordered_map<std::string_view, std::size_t> by_record;
    for (const ScriptModelJson::TensorDef& def : model.tensors) {
      at_place(concat("tensor ", tensors.size()), [&] {
        const auto [found, added] = by_record.emplace(def.record, storages.size());
        if (added) storages.push_back(read_storage_def(def));
        const TorchStorage& storage = storages[found->second];
        if (storage.type != def.type) {
          fail("storage '", printable(def.record), "' has elements of ", storage.type->name,
               " for one tensor and of ", def.type->name, " for another");
        }
        TorchTensor tensor;
        tensor.dtype = def.type->name;
        tensor.type = def.type;
        tensor.storage = found->second;
        tensor.view = checked_view(def.dims, def.strides, def.offset, storage.numel);
        check_expansion(storage.numel * def.type->item_size, tensor);
        if (!def.type->usable) tensor.unreadable = concat("its element type is ", tensor.dtype);
        if (def.quantized) tensor.unreadable = "it is quantised";
        tensors.push_back(std::move(tensor));
      });
    }
    return {std::move(storages), std::move(tensors)};
  }

  TorchStorage read_storage_def(const ScriptModelJson::TensorDef& def) {
    const ZipEntry& entry = archive_.entry_named(def.record);
    if (entry.size % def.type->item_size != 0) {
      fail(printable(entry.name), ": ", entry.size, " bytes are no whole number of elements of ",
           def.type->name);
    }
    storages_.push_back(&entry);
    return {def.record, def.type, entry.size / def.type->item_size};
  }

  // In the order of a state_dict: of each module the parameters, the buffers, then its submodules.
  static ChosenWeights name_tensors(const ScriptModelJson& model, const TorchTensors& tensors) {
    ChosenWeights chosen;
    std::vector<std::string> prefixes(model.modules.size());
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < model.modules.size(); ++i) {
      const ScriptModelJson::ModuleDef& module = model.modules[i];
      if (i > 0) prefixes[i] = concat(prefixes[module.parent], module.name, '.');
      check_length(bytes += prefixes[i].size());
      for (const bool is_buffer : {false, true}) {
        for (const ScriptModelJson::ParameterDef& parameter : module.parameters) {
          if (parameter.is_buffer != is_buffer) continue;
          std::string name = prefixes[i] + parameter.name;
          check_tensor_name(name);
          check_length(bytes += name.size());
          chosen.tensors.push_back(
              {std::move(name), &tensors[static_cast<std::size_t>(parameter.tensor)]});
        }
      }
    }
    if (chosen.tensors.empty()) fail("expected tensors, the module has no parameters");
    return chosen;
  }

  static void check_length(std::size_t bytes) {
    if (bytes > longest_names) {
      fail("the names of the tensors are longer than ", longest_names, " bytes (16 MiB)");
    }
  }
};

}  // namespace

std::shared_ptr<const Container> open_torch_script_json(ZipArchive archive) {
  return std::make_shared<TorchScriptJson>(std::move(archive));
}

}  // namespace nn::io
