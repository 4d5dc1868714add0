#include <nn/io/entries.h>
#include <nn/io/module_walk.h>
#include <nn/io/script_classes.h>
#include <nn/io/torch_archive_container.h>
#include <nn/io/torch_script.h>

namespace nn::io {
namespace {

using Kind = Pickle::Kind;

constexpr std::string_view constants_key = "constants";

// One of the two pickles of an archive, and the entries of its storages.
struct Part {
  Pickle pickle;
  TorchTensors tensors;
  std::vector<const ZipEntry*> storages;
  std::string entry;
};

Part read_part(const TorchArchive& archive, std::string_view name, const OpenOptions& options) {
  const ZipEntry& entry = archive.entry_named(concat(name, ".pkl"));
  auto bytes = archive.zip().read(entry, PickleLimits{}.bytes);
  return at_place(printable(entry.name), [&] {
    Pickle pickle = Pickle::parse(std::move(bytes),
                                  {.unknown_calls = options.skip_unknown, .script_values = true});
    TorchTensors tensors(pickle);
    auto storages = archive.find_storages(tensors, concat(name, "/"));
    return Part{std::move(pickle), std::move(tensors), std::move(storages), printable(entry.name)};
  });
}

std::uint64_t bytes_of(const std::vector<const ZipEntry*>& storages) {
  std::uint64_t bytes = 0;
  for (const ZipEntry* storage : storages) bytes += storage->size;
  return bytes;
}

class TorchScript final : public TorchArchiveContainer {
 public:
  TorchScript(ZipArchive archive, const OpenOptions& options)
      : TorchArchiveContainer(std::move(archive)) {
    big_endian_ = archive_.big_endian();
    Part data = read_part(archive_, "data", options);
    Part constants = read_part(archive_, constants_key, options);
    ChosenWeights chosen;
    if (options.key != constants_key) chosen = at_place(data.entry, [&] { return walk(data); });
    if (options.key == constants_key || (options.key.empty() && chosen.tensors.empty())) {
      const bool has_others = !data.storages.empty();
      chosen = at_place(constants.entry, [&] { return list_constants(constants, has_others); });
      chosen.facts.other_tensor_bytes = bytes_of(data.storages);
      take(std::move(constants), std::move(chosen));
    } else {
      if (!options.key.empty()) keep_submodule(options.key, chosen);
      chosen.facts.other_tensor_bytes = bytes_of(constants.storages);
      take(std::move(data), std::move(chosen));
    }
    facts_.producer = archive_.producer();
  }

  std::string_view format() const override { return "TorchScript archive"; }

 private:
  ChosenWeights walk(const Part& data) const {
    const Pickle::Ref root = data.pickle.root();
    if (!is_module(data.pickle, root)) {
      fail("expected a module of TorchScript, the file holds ", name_of(data.pickle.kind(root)));
    }
    ScriptClasses classes(archive_);
    ModuleTensors found = walk_module(data.pickle, data.tensors, root,
                                      [&](const GlobalName& name) { return classes.find(name); });
    ChosenWeights chosen;
    chosen.tensors = std::move(found.tensors);
    chosen.facts.notes = std::move(found.notes);
    return chosen;
  }

  static ChosenWeights list_constants(const Part& constants, bool has_others) {
    const Pickle& pickle = constants.pickle;
    if (!pickle.is(pickle.root(), Kind::tuple) && !pickle.is(pickle.root(), Kind::list)) {
      fail("expected a tuple of constants, the file holds ", name_of(pickle.kind(pickle.root())));
    }
    ChosenWeights chosen;
    const auto items = pickle.items(pickle.root());
    for (std::size_t i = 0; i < items.size(); ++i) {
      const TorchTensor* tensor = constants.tensors.find(items[i]);
      if (tensor == nullptr) continue;
      check_tensor_count(chosen.tensors.size() + 1);
      chosen.tensors.push_back({nn::to_text(i), tensor});
    }
    if (chosen.tensors.empty()) {
      fail("expected tensors, the module has no parameters and its code no constant tensors",
           has_others ? "; those in its other attributes, packed for quantised or mobile use, are "
                        "not read: save the module before it is packed"
                      : "");
    }
    chosen.facts.weights_key = constants_key;
    chosen.facts.notes.push_back(
        "the tensors are constants of a TorchScript module (a frozen one has no others), which "
        "have no names: each has its index");
    return chosen;
  }

  // The tensors below one submodule, by their names in it.
  static void keep_submodule(const std::string& key, ChosenWeights& chosen) {
    const std::string prefix = key + '.';
    std::erase_if(chosen.tensors,
                  [&](const NamedTensor& named) { return !named.name.starts_with(prefix); });
    if (chosen.tensors.empty()) {
      fail("there is no submodule '", printable(key),
           "' with tensors in the TorchScript module; \"constants\" are those of its code");
    }
    for (NamedTensor& named : chosen.tensors) named.name.erase(0, prefix.size());
    chosen.facts.weights_key = printable(key);
  }

  void take(Part part, ChosenWeights chosen) {
    storages_ = std::move(part.storages);
    list(std::move(part.tensors), std::move(chosen));
  }
};

}  // namespace

std::shared_ptr<const Container> open_torch_script(ZipArchive archive, const OpenOptions& options) {
  return std::make_shared<TorchScript>(std::move(archive), options);
}

}  // namespace nn::io
