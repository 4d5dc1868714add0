#include <nn/checked.h>
#include <nn/io/entries.h>
#include <nn/io/exported_weights.h>

namespace nn::io {
namespace {

// A part of another source.
class Window final : public ByteSource {
 public:
  Window(std::shared_ptr<const ByteSource> source, std::uint64_t begin, std::uint64_t size)
      : source_(std::move(source)), begin_(begin), size_(size) {}

  std::uint64_t size() const override { return size_; }
  const std::string& name() const override { return source_->name(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    if (!fits(offset, out.size(), size_)) {
      fail("byte ", offset, ": expected ", out.size(), " bytes, the file inside has ", size_);
    }
    source_->read_at(begin_ + offset, out);
  }

 private:
  std::shared_ptr<const ByteSource> source_;
  std::uint64_t begin_;
  std::uint64_t size_;
};

// PyTorch stores such files as they are; one that another program packed again has to be unpacked
// into memory.
constexpr std::uint64_t largest_packed = std::uint64_t{32} << 20;

std::shared_ptr<const ByteSource> nested_source(const ZipArchive& archive, const ZipEntry& entry) {
  if (const auto begin = archive.find_data(entry)) {
    return std::make_shared<Window>(archive.source(), *begin, entry.size);
  }
  return memory_source(archive.read(entry, largest_packed), archive.source()->name());
}

}  // namespace

const StateDict::Entry& ExportedWeights::entry(const Place& place) const {
  return containers_[place.container]->entries()[place.index];
}

const StateDict::Entry* ExportedWeights::find(std::string_view fqn) const {
  const auto found = places_.find(fqn);
  return found == places_.end() ? nullptr : &entry(found->second);
}

Tensor ExportedWeights::read(std::string_view fqn) const {
  const auto found = places_.find(fqn);
  if (found == places_.end()) {
    fail("there is no tensor '", printable(fqn), "' among its ", places_.size(),
         " weights and constants");
  }
  const Place& place = found->second;
  return at_place(concat("tensor '", printable(fqn), "'"),
                  [&] { return containers_[place.container]->read(place.index); });
}

std::string_view ExportedWeights::original_of(std::string_view fqn) const {
  const Place place = places_.at(fqn);
  const std::size_t original = containers_[place.container]->original_of(place.index);
  return entry({place.container, original}).name;
}

std::vector<std::string_view> ExportedWeights::names() const {
  std::vector<std::string_view> names;
  for (const auto& container : containers_) {
    for (const StateDict::Entry& entry : container->entries()) names.push_back(entry.name);
  }
  return names;
}

void ExportedWeights::add(std::shared_ptr<const Container> container) {
  containers_.push_back(std::move(container));
  const auto& entries = containers_.back()->entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    places_.emplace(entries[i].name, Place{containers_.size() - 1, i});
  }
}

std::shared_ptr<const Container> open_nested_weights(const ZipArchive& archive,
                                                     const ZipEntry& entry) {
  return at_place(printable(entry.name),
                  [&] { return open_container(nested_source(archive, entry), {}, {.key = "*"}); });
}

}  // namespace nn::io
