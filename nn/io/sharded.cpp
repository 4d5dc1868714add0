#include <unordered_map>
#include <unordered_set>

#include <nn/io/entries.h>
#include <nn/io/json.h>
#include <nn/io/sharded.h>
#include <nn/io/sniff.h>

namespace nn::io {
namespace {

constexpr std::uint64_t longest_index = std::uint64_t{16} << 20;
constexpr std::size_t most_shards = 512;  // each is an open file
constexpr std::size_t longest_file_name = 255;
constexpr std::size_t most_keys = 256;  // beside weight_map; writers have metadata

// The name of a shard never leaves the folder of its index.
void check_file_name(std::string_view name) {
  constexpr std::string_view separators("/\\\0", 3);
  if (name.empty() || name == "." || name == ".." || name.size() > longest_file_name ||
      name.find_first_of(separators) != std::string_view::npos) {
    fail("shard '", printable(name), "': expected the name of a file beside the index");
  }
}

// One line of the index.
struct Place {
  std::string tensor;
  std::size_t shard;
};

struct Index {
  std::vector<Place> places;
  std::vector<std::string> shards;
};

Index read_index(const ByteSource& source) {
  if (source.size() > longest_index) {
    fail("this is a JSON file of ", source.size(), " bytes; an index of up to ", longest_index,
         " (16 MiB) is read");
  }
  const auto bytes = read_bytes(source, 0, source.size());
  JsonReader json(text_of(bytes));
  Index index;
  std::unordered_map<std::string, std::size_t> by_name;
  const auto read_map = [&] {
    json.begin_object();
    while (auto tensor = json.next_key()) {
      check_tensor_count(index.places.size() + 1);
      check_tensor_name(*tensor);
      std::string shard = json.string();
      const auto [found, added] = by_name.emplace(std::move(shard), index.shards.size());
      if (added) {
        check_file_name(found->first);
        if (index.shards.size() == most_shards)
          fail("more than ", most_shards, " shards, the limit");
        index.shards.push_back(found->first);
      }
      index.places.push_back({std::move(*tensor), found->second});
    }
  };
  std::unordered_set<std::string> keys;
  json.begin_object();
  while (const auto key = json.next_key()) {
    if (!keys.insert(*key).second) fail("the key '", printable(*key), "' occurs twice");
    if (keys.size() > most_keys) {
      fail("this is a JSON file of more than ", most_keys,
           " keys, not the index of a model's shards; give the file of weights itself");
    }
    if (*key == "weight_map") {
      at_place("weight_map", read_map);
    } else {
      json.skip();
    }
  }
  json.finish();
  if (!keys.contains("weight_map")) {
    fail(
        "this is a JSON file without weight_map, not the index of a model's shards; give the file "
        "of weights itself");
  }
  if (index.places.empty()) fail("weight_map: expected tensors, it names none");
  return index;
}

class Sharded final : public Container {
 public:
  Sharded(const ByteSource& source, const std::filesystem::path& path, const OpenOptions& options) {
    Index index = read_index(source);
    if (path.empty()) {
      fail("an index names files beside it, these bytes are no file; open the index by its path");
    }
    names_ = std::move(index.shards);
    std::vector<std::unordered_map<std::string_view, std::size_t>> tensors;
    std::size_t count = 0;
    for (const std::string& name : names_) {
      shards_.push_back(at_place(concat("shard '", printable(name), "'"),
                                 [&] { return open_shard(path.parent_path() / name, options); }));
      check_tensor_count(count += shards_.back()->entries().size());
      auto& by_name = tensors.emplace_back();
      for (std::size_t i = 0; i < shards_.back()->entries().size(); ++i) {
        by_name.emplace(shards_.back()->entries()[i].name, i);
      }
    }
    for (const auto& [tensor, shard] : index.places) {
      const auto found = tensors[shard].find(tensor);
      if (found == tensors[shard].end()) {
        fail("the index says that tensor '", printable(tensor), "' is in shard '",
             printable(names_[shard]), "', which does not have it");
      }
      entries_.push_back(shards_[shard]->entries()[found->second]);
      places_.push_back({shard, found->second});
    }
    check_unique_names(entries_);
    format_ = concat("sharded ", shards_.front()->format());
    facts_ = shards_.front()->facts();
    facts_.other_tensor_bytes = 0;
    for (const auto& shard : shards_)
      facts_.other_tensor_bytes += shard->facts().other_tensor_bytes;
  }

  std::string_view format() const override { return format_; }
  const std::vector<StateDict::Entry>& entries() const override { return entries_; }

  Tensor read(std::size_t index) const override {
    const Address address = places_[index];
    return at_place(place_of(address.shard),
                    [&] { return shards_[address.shard]->read(address.tensor); });
  }
  std::optional<Run> find_run(std::size_t index) const override {
    const Address address = places_[index];
    return at_place(place_of(address.shard),
                    [&] { return shards_[address.shard]->find_run(address.tensor); });
  }
  void verify(const ReadProgress& progress) const override {
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      at_place(place_of(i), [&] { shards_[i]->verify(progress); });
    }
  }

 private:
  struct Address {
    std::size_t shard;
    std::size_t tensor;  // in the shard
  };

  static std::shared_ptr<const Container> open_shard(const std::filesystem::path& path,
                                                     const OpenOptions& options) {
    std::shared_ptr<const ByteSource> source;
    try {
      source = options.mmap ? map_file(path) : open_file(path);
    } catch (const Error& error) {
      fail(error.what(), "; every shard of the index has to lie beside it");
    }
    if (sniff(*source) == Format::json) fail("expected a file of tensors, this is an index itself");
    return open_container(std::move(source), {}, options);
  }

  std::string place_of(std::size_t shard) const {
    return concat("shard '", printable(names_[shard]), "'");
  }

  std::string format_;
  std::vector<std::string> names_;  // of the shards
  std::vector<std::shared_ptr<const Container>> shards_;
  std::vector<StateDict::Entry> entries_;
  std::vector<Address> places_;  // by entry
};

}  // namespace

std::shared_ptr<const Container> open_sharded(const ByteSource& source,
                                              const std::filesystem::path& index,
                                              const OpenOptions& options) {
  return std::make_shared<Sharded>(source, index, options);
}

}  // namespace nn::io
