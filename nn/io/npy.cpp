#include <algorithm>

#include <nn/io/bulk_reader.h>
#include <nn/io/entries.h>
#include <nn/io/npy.h>
#include <nn/io/npy_header.h>

namespace nn::io {
namespace {

constexpr std::string_view suffix = ".npy";

StateDict::Entry entry_of(std::string name, const NpyHeader& header) {
  return {std::move(name), header.dtype, header.view.shape, header.data_size,
          unreadable_dtype(header.dtype)};
}

// The values of an array; `read_data` fills a span with the data from its first byte.
template <class ReadData>
Tensor read_array(const NpyHeader& header, ReadData&& read_data) {
  if (header.type == nullptr || !header.type->usable) {
    fail("it cannot be used: its element type is ", header.dtype);
  }
  Tensor result = Tensor::uninitialized({header.view.shape, *header.type->usable});
  const std::span<std::byte> out = result.view().bytes();
  if (header.view.contiguous) {
    read_data(out);
  } else {
    std::vector<std::byte> data(out.size());
    read_data(std::span(data));
    gather(header.view, header.type->item_size, data, out);
  }
  if (header.big_endian) swap_bytes(out, header.type->number_size);
  if (result.dtype() == DType::boolean) make_bools(out);
  return result;
}

// Whether the data is what read_array gives.
bool is_plain(const NpyHeader& header) {
  return header.type != nullptr && header.type->usable && header.view.contiguous &&
         (!header.big_endian || header.type->number_size < 2) &&
         *header.type->usable != DType::boolean;
}

class Npy final : public Container {
 public:
  explicit Npy(std::shared_ptr<const ByteSource> source)
      : source_(std::move(source)), bulk_(source_) {
    const std::uint64_t size = source_->size();
    const auto head = read_bytes(*source_, 0, std::min<std::uint64_t>(size, npy_head_size));
    header_ = read_npy_header(head, size);
    entries_.push_back(entry_of("0", header_));
  }

  std::string_view format() const override { return "npy"; }
  const std::vector<StateDict::Entry>& entries() const override { return entries_; }

  Tensor read(std::size_t) const override {
    return read_array(header_,
                      [&](std::span<std::byte> out) { bulk_.read_at(header_.data_at, out); });
  }
  std::optional<Run> find_run(std::size_t) const override {
    return is_plain(header_) ? std::optional(Run{source_, header_.data_at}) : std::nullopt;
  }
  void verify(const ReadProgress& progress) const override {
    bulk_.read_through(header_.data_at, progress);
  }

 private:
  std::shared_ptr<const ByteSource> source_;
  BulkReader bulk_;
  NpyHeader header_;
  std::vector<StateDict::Entry> entries_;
};

class Npz final : public Container {
 public:
  explicit Npz(ZipArchive archive) : archive_(std::move(archive)) {
    check_tensor_count(archive_.entries().size());
    for (const ZipEntry& entry : archive_.entries()) {
      const std::string_view name = entry.name;
      const auto head = archive_.peek(entry, npy_head_size);
      headers_.push_back(
          at_place(printable(name), [&] { return read_npy_header(head, entry.size); }));
      entries_.push_back(
          entry_of(std::string(name.substr(0, name.size() - suffix.size())), headers_.back()));
    }
  }

  std::string_view format() const override { return "npz"; }
  const std::vector<StateDict::Entry>& entries() const override { return entries_; }

  Tensor read(std::size_t index) const override {
    const NpyHeader& header = headers_[index];
    return read_array(header, [&](std::span<std::byte> out) {
      archive_.read(archive_.entries()[index], header.data_at, out);
    });
  }
  std::optional<Run> find_run(std::size_t index) const override {
    if (!is_plain(headers_[index])) return std::nullopt;
    const auto at = archive_.find_data(archive_.entries()[index]);
    if (!at) return std::nullopt;
    return Run{archive_.source(), *at + headers_[index].data_at};
  }
  void verify(const ReadProgress& progress) const override { archive_.verify_all(progress); }

 private:
  ZipArchive archive_;
  std::vector<NpyHeader> headers_;
  std::vector<StateDict::Entry> entries_;  // as those of the archive
};

}  // namespace

std::shared_ptr<const Container> open_npy(std::shared_ptr<const ByteSource> source) {
  return std::make_shared<Npy>(std::move(source));
}

std::shared_ptr<const Container> open_npz(ZipArchive archive) {
  return std::make_shared<Npz>(std::move(archive));
}

}  // namespace nn::io
