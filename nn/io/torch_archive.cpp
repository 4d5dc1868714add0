#include <charconv>

#include <nn/io/torch_archive.h>

namespace nn::io {
namespace {

constexpr std::uint64_t newest_version = 10;
constexpr std::uint64_t newest_format_version = 1;
constexpr std::uint64_t longest_note = 64;  // entries that hold a word or a number

}  // namespace

TorchArchive::TorchArchive(ZipArchive archive) : zip_(std::move(archive)) {
  find_root();
  check_versions();
  read_byte_order();
}

// The folder of all entries: the file's name when it was saved, or "archive".
void TorchArchive::find_root() {
  const std::string_view first = zip_.entries().front().name;
  root_ = first.substr(0, first.find('/') + 1);
  for (const ZipEntry& entry : zip_.entries()) {
    if (root_.empty() || !entry.name.starts_with(root_)) {
      fail("entry '", printable(entry.name), "' is not in the folder '", printable(root_),
           "' of the first entry; expected one folder");
    }
  }
}

const ZipEntry* TorchArchive::find(std::string_view name) const {
  return zip_.find(concat(root_, name));
}

const ZipEntry& TorchArchive::entry_named(std::string_view name) const {
  const ZipEntry* entry = find(name);
  if (entry == nullptr) fail("the entry '", printable(concat(root_, name)), "' is missing");
  return *entry;
}

// A short text entry without the line break at its end.
std::string TorchArchive::note(const ZipEntry& entry) const {
  const auto bytes = zip_.read(entry, longest_note);
  std::string_view text = text_of(bytes);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return std::string(text);
}

void TorchArchive::check_number(const ZipEntry& entry, std::uint64_t most) const {
  const std::string text = note(entry);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0 || number > most) {
    fail(printable(entry.name), ": format version '", printable(text), "', expected 1 to ", most,
         "; a newer PyTorch may have written the file");
  }
}

void TorchArchive::check_versions() const {
  check_number(entry_named("version"), newest_version);
  if (const ZipEntry* entry = find(".format_version")) {
    check_number(*entry, newest_format_version);
  }
}

std::string_view TorchArchive::producer() const {
  // PyTorch has numbered its archives since before it wrote .format_version; nn::save does not.
  const bool numbered = find(".data/serialization_id") != nullptr;
  if (find(".format_version") != nullptr) {
    return numbered ? "PyTorch 2.6 or later" : "rushlight or another program, in PyTorch's form";
  }
  if (find("byteorder") != nullptr) return "PyTorch 2.1 or later";
  return "PyTorch 1.6 to 2.0";
}

void TorchArchive::read_byte_order() {
  const ZipEntry* entry = find("byteorder");
  if (entry == nullptr) return;  // before PyTorch 2.1: little
  const std::string order = note(*entry);
  big_endian_ = order == "big";
  if (!big_endian_ && order != "little") {
    fail(printable(entry->name), ": byte order '", printable(order),
         "', expected 'little' or 'big'");
  }
}

std::vector<const ZipEntry*> TorchArchive::find_storages(const TorchTensors& tensors,
                                                         std::string_view folder) const {
  std::vector<const ZipEntry*> entries;
  entries.reserve(tensors.storages().size());
  for (const TorchStorage& storage : tensors.storages()) {
    const ZipEntry& entry = entry_named(concat(folder, storage.key));
    const std::uint64_t expected = storage.numel * storage.item_size();
    const bool packed = storage.item_size() == 0;
    if (!packed && entry.size != expected) {
      fail(printable(entry.name), ": ", entry.size, " bytes, its ", storage.numel, " elements of ",
           storage.item_size(), " bytes need ", expected);
    }
    entries.push_back(&entry);
  }
  return entries;
}

}  // namespace nn::io
