#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <unordered_set>

#include <nn/checked.h>
#include <nn/io/bulk_reader.h>
#include <nn/io/cursor.h>
#include <nn/io/entries.h>
#include <nn/io/json.h>
#include <nn/io/safetensors.h>
#include <nn/io/safetensors_dtype.h>
#include <nn/io/tensor_view.h>
#include <nn/io/torch_dtype.h>

namespace nn::io {
namespace {

constexpr std::uint64_t length_size = 8;
constexpr std::size_t most_notes = 4096;  // in __metadata__
constexpr std::size_t most_extras = 256;  // of them in facts()
constexpr std::uint64_t longest_header = std::uint64_t{16} << 20;

const SafetensorsDType& type_named(std::string_view name) {
  const auto types = safetensors_dtypes();
  const auto found = std::ranges::find(types, name, &SafetensorsDType::name);
  if (found == types.end()) fail("dtype '", printable(name), "' is not one of safetensors");
  return *found;
}

// Bytes of the values; sub-byte elements fill whole bytes together.
std::uint64_t byte_size(const Shape& shape, const SafetensorsDType& type) {
  const auto bits = checked_multiply(static_cast<std::uint64_t>(shape.numel()), type.bits);
  if (!bits) fail("Storage size calculation overflowed with sizes=", shape);
  if (*bits % 8 != 0) {
    fail(shape, " elements of ", type.bits, " bits are ", *bits, " bits, expected whole bytes");
  }
  return *bits / 8;
}

Shape read_shape(JsonReader& json) {
  std::array<std::int64_t, Shape::max_rank> sizes{};
  std::size_t rank = 0;
  json.begin_array();
  while (json.next_item()) {
    const std::uint64_t size = json.unsigned_integer();
    if (rank == sizes.size()) fail("expected at most ", Shape::max_rank, " dimensions");
    if (size > INT64_MAX) fail("size ", size, " does not fit 63 bits");
    sizes[rank++] = static_cast<std::int64_t>(size);
  }
  return Shape(std::span(sizes).first(rank));
}

class Safetensors final : public Container {
 public:
  explicit Safetensors(std::shared_ptr<const ByteSource> source)
      : source_(std::move(source)), bulk_(source_) {
    at_place("header", [&] {
      const auto header = read_header();
      data_at_ = length_size + header.size();
      data_size_ = source_->size() - data_at_;
      JsonReader json(text_of(header), length_size);
      json.begin_object();
      while (auto name = json.next_key()) {
        if (*name == "__metadata__") {
          read_metadata(json);
        } else {
          read_tensor(json, std::move(*name));
        }
      }
      json.finish();
      if (entries_.empty()) fail("expected tensors, it describes none");
      check_unique_names(entries_);
      check_layout();
    });
  }

  std::string_view format() const override { return "safetensors"; }
  const std::vector<StateDict::Entry>& entries() const override { return entries_; }

  Tensor read(std::size_t index) const override {
    const StateDict::Entry& entry = entries_[index];
    const TorchDType* type = find_torch_dtype(entry.dtype);
    if (type == nullptr || !type->usable) {
      fail("it cannot be used: its element type is ", entry.dtype);
    }
    Tensor result = Tensor::uninitialized({entry.shape, *type->usable});
    const std::span<std::byte> out = result.view().bytes();
    bulk_.read_at(data_at_ + begins_[index], out);
    if (result.dtype() == DType::boolean) make_bools(out);
    return result;
  }

  std::optional<Run> find_run(std::size_t index) const override {
    const TorchDType* type = find_torch_dtype(entries_[index].dtype);
    const bool as_they_stand = type != nullptr && type->usable && *type->usable != DType::boolean;
    return as_they_stand ? std::optional(Run{source_, data_at_ + begins_[index]}) : std::nullopt;
  }

  void verify(const ReadProgress& progress) const override {
    bulk_.read_through(data_at_, progress);
  }

 private:
  std::vector<std::byte> read_header() const {
    const auto prefix = read_bytes(*source_, 0, length_size);
    const std::uint64_t length = Cursor(prefix).u64();
    if (!fits(length_size, length, source_->size())) {
      fail("the file says that it has ", length, " bytes, there are ",
           source_->size() - length_size, "; download or save the file again");
    }
    if (length > longest_header) {
      fail(length, " bytes; at most ", longest_header, " (16 MiB) are read");
    }
    return read_bytes(*source_, length_size, length);
  }

  // Notes of the writer, which facts() shows; null where there are none.
  void read_metadata(JsonReader& json) {
    if (json.take_null()) return;
    at_place("__metadata__", [&] {
      std::unordered_set<std::string> keys;
      json.begin_object();
      while (auto key = json.next_key()) {
        const std::string value = json.string();
        if (facts_.extras.size() < most_extras) {
          facts_.extras.emplace_back(printable(*key), printable(value));
        }
        if (!keys.insert(std::move(*key)).second) fail("a key occurs twice");
        if (keys.size() > most_notes) fail("more than ", most_notes, " keys, the limit");
      }
    });
  }

  void read_tensor(JsonReader& json, std::string name) {
    check_tensor_count(entries_.size() + 1);
    check_tensor_name(name);
    at_place(concat("tensor '", printable(name), "'"), [&] {
      std::optional<std::string> dtype;
      std::optional<Shape> shape;
      std::optional<std::array<std::uint64_t, 2>> offsets;
      json.begin_object();
      while (const auto field = json.next_key()) {
        if (*field == "dtype" && !dtype) {
          dtype = json.string();
        } else if (*field == "shape" && !shape) {
          shape = read_shape(json);
        } else if (*field == "data_offsets" && !offsets) {
          offsets = read_offsets(json);
        } else {
          fail("field '", printable(*field),
               "' is unknown or occurs twice, expected dtype, shape "
               "and data_offsets");
        }
      }
      if (!dtype || !shape || !offsets) {
        fail(!dtype ? "dtype" : !shape ? "shape" : "data_offsets", " is missing");
      }
      add(std::move(name), type_named(*dtype), *shape, *offsets);
    });
  }

  static std::array<std::uint64_t, 2> read_offsets(JsonReader& json) {
    std::array<std::uint64_t, 2> offsets{};
    json.begin_array();
    std::size_t count = 0;
    while (json.next_item()) {
      const std::uint64_t offset = json.unsigned_integer();
      if (count == offsets.size()) fail("data_offsets are more than two, expected [begin, end]");
      offsets[count++] = offset;
    }
    if (count < offsets.size()) fail("data_offsets are ", count, ", expected [begin, end]");
    return offsets;
  }

  void add(std::string name, const SafetensorsDType& type, const Shape& shape,
           std::array<std::uint64_t, 2> offsets) {
    const auto [begin, end] = offsets;
    if (begin > end) fail("data_offsets [", begin, ", ", end, "] end before they begin");
    if (const std::uint64_t needed = byte_size(shape, type); end - begin != needed) {
      fail("data_offsets [", begin, ", ", end, "] hold ", end - begin, " bytes, ", shape, " of ",
           type.name, " needs ", needed);
    }
    if (end > data_size_) {
      fail("data_offsets [", begin, ", ", end, "] reach beyond the ", data_size_,
           " bytes of data: the file was cut short; download or save it again");
    }
    entries_.push_back({std::move(name), std::string(type.meaning), shape, end - begin,
                        unreadable_dtype(type.meaning)});
    begins_.push_back(begin);
  }

  // The tensors fill the data without hole or overlap.
  void check_layout() const {
    std::vector<std::uint32_t> order(entries_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, {},
                      [&](std::uint32_t i) { return std::pair(begins_[i], entries_[i].bytes); });
    std::uint64_t expected = 0;
    for (const std::uint32_t i : order) {
      if (begins_[i] != expected) {
        fail("tensor '", printable(entries_[i].name), "' begins at byte ", begins_[i],
             " of the data, expected ", expected, ": ",
             begins_[i] < expected ? "it overlaps another" : "there is a hole before it");
      }
      expected += entries_[i].bytes;
    }
    if (expected != data_size_) {
      fail("the tensors end at byte ", expected, " of the data, the file has ",
           data_size_ - expected, " bytes behind them, expected none");
    }
  }

  std::shared_ptr<const ByteSource> source_;
  BulkReader bulk_;
  std::uint64_t data_at_ = 0;
  std::uint64_t data_size_ = 0;
  std::vector<StateDict::Entry> entries_;
  std::vector<std::uint64_t> begins_;  // in the data, by entry
};

}  // namespace

std::shared_ptr<const Container> open_safetensors(std::shared_ptr<const ByteSource> source) {
  return std::make_shared<Safetensors>(std::move(source));
}

}  // namespace nn::io
