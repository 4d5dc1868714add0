#include <deque>
#include <unordered_map>
#include <unordered_set>

#include <nn/io/entries.h>
#include <nn/io/exported_tensor.h>
#include <nn/io/exported_weights.h>
#include <nn/io/torch_container.h>

namespace nn::io {
namespace {

constexpr std::uint64_t longest_config = std::uint64_t{16} << 20;

// A record as its config describes it.
struct Payload {
  std::string path;
  bool pickled = false;
  std::optional<ExportedTensor> tensor;
};

Payload read_payload(JsonReader& json, ExportedBudget& budget) {
  constexpr std::array<std::string_view, 3> keys = {"path_name", "use_pickle", "tensor_meta"};
  Payload payload;
  read_object(json, keys, [&](std::string_view key) {
    if (key == "path_name") {
      payload.path = json.string();
    } else if (key == "use_pickle") {
      payload.pickled = json.boolean();
    } else if (!json.take_null()) {
      payload.tensor = read_exported_tensor(json, budget);
    }
  });
  if (payload.path.empty()) fail("expected a 'path_name'");
  return payload;
}

std::int64_t fixed(const ExportedSize& size, std::string_view what) {
  if (!size.value) {
    fail("its ", what, " is symbolic ('", printable(size.symbol), "'), expected an integer");
  }
  return *size.value;
}
std::vector<std::int64_t> fixed(const std::vector<ExportedSize>& sizes, std::string_view what) {
  std::vector<std::int64_t> values;
  for (const ExportedSize& size : sizes) values.push_back(fixed(size, what));
  return values;
}

class ExportedRecords final : public TorchContainer {
 public:
  ExportedRecords(std::shared_ptr<const ZipArchive> archive, const ZipEntry& config,
                  std::string folder)
      : archive_(std::move(archive)), folder_(std::move(folder)) {
    const auto bytes = archive_->read(config, longest_config);
    at_place(printable(config.name), [&] {
      JsonReader json(text_of(bytes));
      constexpr std::array<std::string_view, 1> keys = {"config"};
      read_object(json, keys, [&](std::string_view) { read_config(json); });
      json.finish();
      TorchTensors tensors(std::move(described_), std::move(tensors_));
      ChosenWeights chosen;
      for (std::size_t i = 0; i < names_.size(); ++i) {
        chosen.tensors.push_back({std::move(names_[i]), &tensors[i]});
      }
      list(std::move(tensors), std::move(chosen));
    });
  }

  std::string_view format() const override { return "records of torch.export"; }
  void verify(const ReadProgress& progress) const override { archive_->verify_all(progress); }

 private:
  void read_config(JsonReader& json) {
    std::unordered_set<std::string> names;
    json.begin_object();
    while (auto name = json.next_key()) {
      check_tensor_name(*name);
      check_tensor_count(names.size() + 1);
      if (!names.insert(*name).second) fail("two tensors are named '", printable(*name), "'");
      at_place(concat("tensor '", printable(*name), "'"), [&] {
        const Payload payload = read_payload(json, budget_);
        tensors_.push_back(payload.pickled || !payload.tensor ? unreadable(payload)
                                                              : described(payload));
      });
      names_.push_back(std::move(*name));
    }
  }

  // Custom objects and tensors of other classes: their records are never opened.
  static TorchTensor unreadable(const Payload& payload) {
    TorchTensor tensor;
    tensor.dtype = payload.tensor ? std::string(payload.tensor->dtype->name) : "object";
    tensor.view.shape = {0};
    tensor.unreadable = payload.pickled ? "its record is a pickle, which could execute code"
                                        : "the file does not describe it as a tensor";
    return tensor;
  }

  TorchTensor described(const Payload& payload) {
    const ExportedTensor& meta = *payload.tensor;
    const ZipEntry& entry = record(payload.path);
    TorchTensor tensor;
    tensor.type = meta.dtype;
    tensor.dtype = std::string(meta.dtype->name);
    tensor.storage = storage_of(payload.path, entry);
    const std::uint64_t item_size = meta.dtype->item_size;
    if (entry.size % item_size != 0) {
      fail(printable(entry.name), ": ", entry.size, " bytes are no whole number of elements of ",
           meta.dtype->name);
    }
    const auto sizes = fixed(meta.sizes, "size");
    if (entry.size == 0 && Shape(sizes).numel() > 0) {
      fail(printable(entry.name), " is empty, expected the values of a tensor of shape ",
           Shape(sizes), "; the program may have been saved without its weights");
    }
    tensor.view = checked_view(sizes, fixed(meta.strides, "stride"), fixed(meta.offset, "offset"),
                               entry.size / item_size);
    check_expansion(entry.size, tensor);
    if (!meta.dtype->usable) tensor.unreadable = concat("its element type is ", tensor.dtype);
    if (meta.layout != "strided") {
      tensor.unreadable = concat("its layout is ", meta.layout, ", expected strided");
    }
    return tensor;
  }

  const ZipEntry& record(const std::string& path) const {
    const std::string name = folder_ + path;
    const ZipEntry* entry = archive_->find(name);
    if (entry == nullptr) fail("its record '", printable(name), "' is missing");
    return *entry;
  }

  std::size_t storage_of(const std::string& path, const ZipEntry& entry) {
    const auto [found, added] = by_path_.emplace(path, storages_.size());
    if (added) {
      storages_.push_back(&entry);
      described_.push_back({path, nullptr, entry.size});
    }
    return found->second;
  }

  void read_storage(std::size_t storage, std::uint64_t offset,
                    std::span<std::byte> out) const override {
    archive_->read(*storages_[storage], offset, out);
  }
  std::optional<Run> find_storage(std::size_t storage) const override {
    const auto at = archive_->find_data(*storages_[storage]);
    return at ? std::optional(Run{archive_->source(), *at}) : std::nullopt;
  }

  std::shared_ptr<const ZipArchive> archive_;
  std::string folder_;
  std::vector<const ZipEntry*> storages_;
  ExportedBudget budget_;
  // While the config is read.
  std::unordered_map<std::string, std::size_t> by_path_;
  std::vector<TorchStorage> described_;
  std::deque<TorchTensor> tensors_;
  std::vector<std::string> names_;
};

}  // namespace

std::shared_ptr<const Container> open_exported_records(std::shared_ptr<const ZipArchive> archive,
                                                       const ZipEntry& config,
                                                       const std::string& folder) {
  return std::make_shared<ExportedRecords>(std::move(archive), config, folder);
}

}  // namespace nn::io
