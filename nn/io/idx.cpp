#include <array>
#include <optional>
#include <vector>

#include <nn/checked.h>
#include <nn/io/cursor.h>
#include <nn/io/file.h>
#include <nn/io/idx.h>
#include <nn/io/inflater.h>

namespace nn {
namespace {

constexpr std::byte type_uint8{8};

// The bytes of the file from front to back, decompressed when it is a gzip file.
class Input {
 public:
  explicit Input(const io::ByteSource& source) : source_(source) {
    std::array<std::byte, 2> magic{};
    if (source.size() < magic.size()) fail("an idx file has 8 bytes or more, got ", source.size());
    source.read_at(0, magic);
    if (magic[0] == std::byte{0x1F} && magic[1] == std::byte{0x8B}) {
      gzip_.emplace(source, 0, source.size(), io::Inflater::Kind::gzip);
    }
  }

  void read(std::span<std::byte> out) {
    if (gzip_) {
      gzip_->read(out);
    } else {
      source_.read_at(position_, out);
    }
    position_ += out.size();
  }
  // Whether `length` more bytes can be there. Of compressed data only a bound is known.
  bool may_hold(std::uint64_t length) const {
    return gzip_ ? io::inflated_size_is_possible(length, source_.size())
                 : fits(position_, length, source_.size());
  }
  std::string what_is_left() const {
    return gzip_ ? concat(source_.size(), " compressed bytes in all")
                 : concat(source_.size() - position_, " bytes");
  }
  void finish() {
    if (gzip_) return gzip_->finish();
    if (position_ != source_.size()) {
      fail("byte ", position_, ": ", source_.size() - position_,
           " bytes follow the data, expected none");
    }
  }

 private:
  const io::ByteSource& source_;
  std::optional<io::Inflater> gzip_;
  std::uint64_t position_ = 0;
};

Tensor read_idx(const io::ByteSource& source) {
  Input input(source);
  std::array<std::byte, 4> magic{};
  input.read(magic);
  if (magic[0] != std::byte{0} || magic[1] != std::byte{0}) {
    fail("this is not an idx file: it begins with ", std::to_integer<int>(magic[0]), " ",
         std::to_integer<int>(magic[1]), ", expected 0 0");
  }
  if (magic[2] != type_uint8) {
    fail("byte 2: element type ", std::to_integer<int>(magic[2]), ", expected 8 (uint8)");
  }
  const auto rank = std::to_integer<std::size_t>(magic[3]);
  if (rank != 1 && rank != 3) {
    fail("byte 3: ", rank, " dimensions, expected 3 (images) or 1 (labels)");
  }
  std::vector<std::byte> size_bytes(rank * 4);
  input.read(size_bytes);
  io::Cursor cursor(size_bytes);
  std::vector<std::int64_t> sizes;
  for (std::size_t i = 0; i < rank; ++i) sizes.push_back(cursor.big_endian<std::uint32_t>());
  const Shape shape(sizes);
  const auto numel = static_cast<std::uint64_t>(shape.numel());
  if (!input.may_hold(numel)) {
    fail("the header says ", shape, ", ", numel, " bytes; there are ", input.what_is_left());
  }
  Tensor result = Tensor::uninitialized({shape, DType::uint8});
  input.read(result.view().bytes());
  input.finish();
  return result;
}

}  // namespace

Tensor read_idx(const std::filesystem::path& path) {
  const auto source = io::open_file(path);
  return io::at_place(source->name(), [&] { return read_idx(*source); });
}

}  // namespace nn
