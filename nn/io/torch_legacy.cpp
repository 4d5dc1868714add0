#include <nn/checked.h>
#include <nn/io/bulk_reader.h>
#include <nn/io/cursor.h>
#include <nn/io/pickle_stream.h>
#include <nn/io/torch_container.h>
#include <nn/io/torch_legacy.h>

namespace nn::io {
namespace {

using Kind = Pickle::Kind;

constexpr std::int64_t protocol_version = 1001;

class TorchLegacy final : public TorchContainer {
 public:
  TorchLegacy(std::shared_ptr<const ByteSource> source, const OpenOptions& options)
      : source_(std::move(source)), bulk_(source_) {
    PickleStream stream(*source_);
    check_magic(stream);
    check_protocol(stream.next("the version"));
    check_machine(stream.next("the facts about the machine"));
    const std::string place = concat("the pickle of the tensors at byte ", stream.offset());
    const Pickle pickle = stream.next("the pickle of the tensors",
                                      {.unknown_calls = options.skip_unknown, .module_ids = true});
    TorchTensors tensors =
        at_place(place, [&] { return TorchTensors(pickle, StorageIds::in_streams); });
    find_storages(tensors, stream);
    ChosenWeights chosen = choose_weights(pickle, tensors, options);
    list(std::move(tensors), std::move(chosen));
    set_producer("PyTorch 0.1.9 to 1.5, or a later one asked for the old form");
  }

  std::string_view format() const override { return "torch.save legacy stream"; }
  void verify(const ReadProgress& progress) const override { bulk_.read_through(0, progress); }

 private:
  void check_magic(PickleStream& stream) const {
    const Pickle pickle = stream.next("the magic number");
    constexpr std::string_view magic = "\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19.";
    const auto bytes = read_bytes(*source_, 0, stream.offset());  // no number of 80 bits is kept
    if (!pickle.is(pickle.root(), Kind::big_integer) || !text_of(bytes).ends_with(magic)) {
      fail("byte 0: expected the magic number 0x1950a86a20f9469cfc6c of a torch.save stream, got ",
           pickle.is(pickle.root(), Kind::big_integer) ? "another number"
                                                       : name_of(pickle.kind(pickle.root())));
    }
  }

  static void check_protocol(const Pickle& pickle) {
    const Pickle::Ref root = pickle.root();
    if (!pickle.is(root, Kind::integer) || pickle.integer(root) != protocol_version) {
      fail("the version of the stream is ",
           pickle.is(root, Kind::integer) ? nn::to_text(pickle.integer(root))
                                          : std::string(name_of(pickle.kind(root))),
           ", expected ", protocol_version, "; load it in Python and save it again");
    }
  }

  // {'protocol_version': 1001, 'little_endian': True, 'type_sizes': {'short': 2, 'int': 4,
  // 'long': 4 or 8}}, the machine that wrote the file.
  static void check_machine(const Pickle& pickle) {
    constexpr std::string_view place = "the facts about the machine: ";
    const Pickle::Ref root = pickle.root();
    if (!pickle.is(root, Kind::dict)) {
      fail(place, "expected a dict, got ", name_of(pickle.kind(root)));
    }
    const auto little = pickle.value_at(root, "little_endian");
    if (!little || !pickle.is(*little, Kind::boolean)) {
      fail(place, "expected 'little_endian' to be a bool");
    }
    if (!pickle.boolean(*little)) {
      fail(place,
           "a big-endian machine wrote the file, which is not read; load it in Python and "
           "save it again with torch.save of torch ≥ 1.6");
    }
    const auto version = pickle.value_at(root, "protocol_version");
    if (version) check_size(pickle, *version, "protocol_version", {protocol_version});
    const auto sizes = pickle.value_at(root, "type_sizes");
    if (!sizes) return;
    if (!pickle.is(*sizes, Kind::dict)) {
      fail(place, "expected 'type_sizes' to be a dict, got ", name_of(pickle.kind(*sizes)));
    }
    if (const auto size = pickle.value_at(*sizes, "short")) check_size(pickle, *size, "short", {2});
    if (const auto size = pickle.value_at(*sizes, "int")) check_size(pickle, *size, "int", {4});
    if (const auto size = pickle.value_at(*sizes, "long")) {
      check_size(pickle, *size, "long", {4, 8});
    }
  }

  static void check_size(const Pickle& pickle, Pickle::Ref value, std::string_view name,
                         std::initializer_list<std::int64_t> expected) {
    if (pickle.is(value, Kind::integer)) {
      for (const std::int64_t size : expected) {
        if (pickle.integer(value) == size) return;
      }
    }
    fail("the facts about the machine: '", name, "' is ",
         pickle.is(value, Kind::integer) ? nn::to_text(pickle.integer(value))
                                         : std::string(name_of(pickle.kind(value))),
         ", expected ", *expected.begin(), expected.size() > 1 ? " or 8" : "");
  }

  // Where each storage begins, by the list of keys, which tells their order, and the counts in
  // front of them.
  void find_storages(const TorchTensors& tensors, PickleStream& stream) {
    const auto& storages = tensors.storages();
    constexpr std::uint64_t missing = ~std::uint64_t{0};
    offsets_.assign(storages.size(), missing);
    std::unordered_map<std::string_view, std::size_t> by_key;
    for (std::size_t i = 0; i < storages.size(); ++i) by_key.emplace(storages[i].key, i);

    const Pickle keys = stream.next("the list of storages");
    if (!keys.is(keys.root(), Kind::list)) {
      fail("the list of storages is ", name_of(keys.kind(keys.root())), ", expected a list");
    }
    std::uint64_t at = stream.offset();
    for (const Pickle::Ref key : keys.items(keys.root())) {
      if (!keys.is(key, Kind::string)) {
        fail("the list of storages holds ", name_of(keys.kind(key)), ", expected strings");
      }
      const std::string shown = printable(keys.text(key));
      const auto found = by_key.find(keys.text(key));
      if (found == by_key.end()) fail("storage '", shown, "' is listed, but no tensor has it");
      if (offsets_[found->second] != missing) fail("storage '", shown, "' is listed twice");
      at = skip_storage(storages[found->second], at, offsets_[found->second]);
    }
    for (std::size_t i = 0; i < storages.size(); ++i) {
      if (offsets_[i] == missing) {
        fail("storage '", printable(storages[i].key),
             "' is not in the list of storages: the file "
             "has no values for it");
      }
    }
    if (at != source_->size()) {
      fail("byte ", at, ": ", source_->size() - at,
           " bytes follow the last storage, expected none");
    }
  }

  // Returns where the storage that begins at `at` ends, and sets where its elements begin.
  std::uint64_t skip_storage(const TorchStorage& storage, std::uint64_t at,
                             std::uint64_t& elements) const {
    const std::string shown = printable(storage.key);
    if (source_->size() - at < sizeof(std::int64_t)) {
      fail("byte ", at, ": the file ends before storage '", shown, "'");
    }
    const auto count_bytes = read_bytes(*source_, at, sizeof(std::int64_t));
    const auto count = Cursor(count_bytes).little_endian<std::int64_t>();
    if (count < 0 || static_cast<std::uint64_t>(count) != storage.numel) {
      fail("byte ", at, ": storage '", shown, "' has ", count, " elements, its tensors say ",
           storage.numel);
    }
    elements = at + sizeof(std::int64_t);
    // Elements of less than a byte are counted by the byte.
    const std::uint64_t bytes = storage.numel * std::max<std::size_t>(storage.item_size(), 1);
    if (bytes > source_->size() - elements) {
      fail("byte ", elements, ": storage '", shown, "' needs ", bytes, " bytes, the file has ",
           source_->size() - elements, " more: it was cut short; download or copy it again");
    }
    return elements + bytes;
  }

  void read_storage(std::size_t storage, std::uint64_t offset,
                    std::span<std::byte> out) const override {
    bulk_.read_at(offsets_[storage] + offset, out);
  }
  std::optional<Run> find_storage(std::size_t storage) const override {
    return Run{source_, offsets_[storage]};
  }

  std::shared_ptr<const ByteSource> source_;
  BulkReader bulk_;
  std::vector<std::uint64_t> offsets_;  // of the elements, by storage
};

}  // namespace

std::shared_ptr<const Container> open_torch_legacy(std::shared_ptr<const ByteSource> source,
                                                   const OpenOptions& options) {
  return std::make_shared<TorchLegacy>(std::move(source), options);
}

}  // namespace nn::io
