#include <charconv>
#include <optional>

#include <nn/io/pickle.h>
#include <nn/io/torch_tensors.h>
#include <nn/io/torch_weights.h>
#include <nn/io/torch_zip.h>

namespace nn::io {
namespace {

constexpr std::uint64_t newest_version = 10;
constexpr std::uint64_t newest_format_version = 1;
constexpr std::uint64_t longest_note = 64;  // entries that hold a word or a number

class TorchZip final : public Container {
 public:
  explicit TorchZip(ZipArchive archive) : archive_(std::move(archive)) {
    find_root();
    check_versions();
    read_byte_order();
    const ZipEntry& pickle_entry = entry_named("data.pkl");
    auto bytes = archive_.read(pickle_entry, PickleLimits{}.bytes);
    at_place(printable(pickle_entry.name), [&] {
      const Pickle pickle = Pickle::parse(std::move(bytes));
      const TorchTensors& tensors = all_tensors_.emplace(pickle);
      find_storages(tensors);
      for (NamedTensor& named : choose_weights(pickle, tensors)) add(named);
    });
  }

  std::string_view format() const override { return "torch.save zip"; }
  const std::vector<StateDict::Entry>& entries() const override { return entries_; }

  Tensor read(std::size_t index) const override {
    const TorchTensor& tensor = *tensors_[index];
    if (!tensor.unreadable.empty()) fail("it cannot be used: ", tensor.unreadable);
    Tensor result = Tensor::uninitialized({tensor.view.shape, *tensor.type->usable});
    const std::span<std::byte> out = result.view().bytes();
    if (!out.empty()) read_values(tensor, out);
    if (result.dtype() == DType::boolean) make_bools(out);
    return result;
  }

  void verify() const override {
    for (const ZipEntry& entry : archive_.entries()) archive_.verify(entry);
  }

 private:
  // The folder of all entries: the file's name when it was saved, or "archive".
  void find_root() {
    const std::string_view first = archive_.entries().front().name;
    root_ = first.substr(0, first.find('/') + 1);
    for (const ZipEntry& entry : archive_.entries()) {
      if (root_.empty() || !entry.name.starts_with(root_)) {
        fail("entry '", printable(entry.name), "' is not in the folder '", printable(root_),
             "' of the first entry; expected one folder");
      }
    }
  }

  const ZipEntry* find(std::string_view name) const { return archive_.find(concat(root_, name)); }
  const ZipEntry& entry_named(std::string_view name) const {
    const ZipEntry* entry = find(name);
    if (entry == nullptr) fail("the entry '", printable(concat(root_, name)), "' is missing");
    return *entry;
  }

  // A short text entry without the line break at its end.
  std::string note(const ZipEntry& entry) const {
    const auto bytes = archive_.read(entry, longest_note);
    std::string_view text = text_of(bytes);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    return std::string(text);
  }

  void check_number(const ZipEntry& entry, std::uint64_t most) const {
    const std::string text = note(entry);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number == 0 || number > most) {
      fail(printable(entry.name), ": format version '", printable(text), "', expected 1 to ", most,
           "; a newer PyTorch may have written the file");
    }
  }

  void check_versions() const {
    check_number(entry_named("version"), newest_version);
    if (const ZipEntry* entry = find(".format_version")) {
      check_number(*entry, newest_format_version);
    }
  }

  void read_byte_order() {
    const ZipEntry* entry = find("byteorder");
    if (entry == nullptr) return;  // before PyTorch 2.1: little
    const std::string order = note(*entry);
    big_endian_ = order == "big";
    if (!big_endian_ && order != "little") {
      fail(printable(entry->name), ": byte order '", printable(order),
           "', expected 'little' or 'big'");
    }
  }

  void find_storages(const TorchTensors& tensors) {
    for (const TorchStorage& storage : tensors.storages()) {
      const ZipEntry& entry = entry_named(concat("data/", storage.key));
      const std::uint64_t expected = storage.numel * storage.item_size();
      const bool packed = storage.item_size() == 0;
      if (!packed && entry.size != expected) {
        fail(printable(entry.name), ": ", entry.size, " bytes, its ", storage.numel,
             " elements of ", storage.item_size(), " bytes need ", expected);
      }
      storages_.push_back(&entry);
      untyped_.push_back(storage.type == nullptr);
    }
  }

  void add(NamedTensor& named) {
    const TorchTensor& tensor = *named.tensor;
    const std::size_t item_size = tensor.type == nullptr ? 0 : tensor.type->item_size;
    entries_.push_back({std::move(named.name), tensor.dtype, tensor.view.shape,
                        byte_size(tensor.view, item_size)});
    tensors_.push_back(&tensor);
  }

  void read_values(const TorchTensor& tensor, std::span<std::byte> out) const {
    const std::size_t item_size = tensor.type->item_size;
    const ZipEntry& entry = *storages_[tensor.storage];
    const std::uint64_t begin = tensor.view.offset * item_size;
    if (big_endian_ && untyped_[tensor.storage] && tensor.type->number_size > 1) {
      fail("it cannot be used: the byte order of its untyped storage is not known");
    }
    if (tensor.view.contiguous) {
      archive_.read(entry, begin, out);
    } else {
      std::vector<std::byte> window(static_cast<std::size_t>(tensor.view.extent * item_size));
      archive_.read(entry, begin, window);
      gather(tensor.view, item_size, window, out);
    }
    if (big_endian_) swap_bytes(out, tensor.type->number_size);
  }

  ZipArchive archive_;
  std::string root_;  // with its slash
  bool big_endian_ = false;
  std::vector<StateDict::Entry> entries_;
  std::optional<TorchTensors> all_tensors_;
  std::vector<const TorchTensor*> tensors_;  // by entry
  std::vector<const ZipEntry*> storages_;
  std::vector<bool> untyped_;
};

}  // namespace

std::shared_ptr<const Container> open_torch_zip(ZipArchive archive) {
  return std::make_shared<TorchZip>(std::move(archive));
}

}  // namespace nn::io
