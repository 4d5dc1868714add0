#include <algorithm>
#include <limits>
#include <new>

#define ZLIB_CONST
#include <zlib.h>

#include <nn/image/png_inflate.h>

namespace nn {
namespace {

// zlib counts in unsigned int; more is given in several calls.
constexpr std::size_t max_step = std::size_t{1} << 30;

}  // namespace

std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before) {
  return static_cast<std::uint32_t>(
      ::crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

struct Inflater::Stream {
  z_stream z{};
  Stream() {
    if (inflateInit(&z) != Z_OK) throw std::bad_alloc();
  }
  ~Stream() { inflateEnd(&z); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

Inflater::Inflater() : stream_(std::make_unique<Stream>()) {}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

std::size_t Inflater::inflate(std::span<const std::byte>& input, std::span<std::byte> output) {
  if (finished_ || problem_ != nullptr) return 0;
  z_stream& z = stream_->z;
  const std::size_t given = std::min(input.size(), max_step);
  const std::size_t room = std::min(output.size(), max_step);
  z.next_in = reinterpret_cast<const Bytef*>(input.data());
  z.avail_in = static_cast<uInt>(given);
  z.next_out = reinterpret_cast<Bytef*>(output.data());
  z.avail_out = static_cast<uInt>(room);
  const int status = ::inflate(&z, Z_NO_FLUSH);
  input = input.subspan(given - z.avail_in);
  if (status == Z_STREAM_END) {
    finished_ = true;
  } else if (status == Z_MEM_ERROR) {
    throw std::bad_alloc();
  } else if (status == Z_NEED_DICT) {
    problem_ = "a preset dictionary is asked for";
  } else if (status != Z_OK && status != Z_BUF_ERROR) {
    problem_ = z.msg != nullptr ? z.msg : "damaged data";
  }
  return room - z.avail_out;
}

}  // namespace nn
