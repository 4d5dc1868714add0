#include <algorithm>
#include <limits>
#include <new>
#include <zlib.h>

#include <nn/io/zlib.h>

namespace nn::io {
namespace {

constexpr std::size_t input_buffer = std::size_t{64} << 10;
constexpr std::size_t largest_step = std::size_t{1} << 30;  // zlib counts in 32 bits

}  // namespace

std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t so_far) {
  return static_cast<std::uint32_t>(
      ::crc32_z(so_far, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

struct Inflater::Stream {
  explicit Stream(Kind kind) {
    const int window_bits = kind == Kind::gzip ? MAX_WBITS + 16 : -MAX_WBITS;
    if (::inflateInit2(&state, window_bits) != Z_OK) throw std::bad_alloc();
  }
  ~Stream() { ::inflateEnd(&state); }
  Stream(Stream&&) = delete;

  z_stream state{};
};

Inflater::Inflater(const ByteSource& source, std::uint64_t offset, std::uint64_t length, Kind kind)
    : source_(source),
      offset_(offset),
      left_(length),
      input_(static_cast<std::size_t>(std::min<std::uint64_t>(length, input_buffer))),
      stream_(std::make_unique<Stream>(kind)) {}

Inflater::~Inflater() = default;

void Inflater::refill() {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input_.size()));
  const std::span<std::byte> filled(input_.data(), count);
  source_.read_at(offset_, filled);
  offset_ += count;
  left_ -= count;
  stream_->state.next_in = reinterpret_cast<Bytef*>(filled.data());
  stream_->state.avail_in = static_cast<uInt>(count);
}

std::size_t Inflater::read_some(std::span<std::byte> out) {
  if (ended_) return 0;
  z_stream& state = stream_->state;
  if (state.avail_in == 0 && left_ > 0) refill();
  const auto wanted = static_cast<uInt>(std::min(out.size(), largest_step));
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = wanted;
  const int result = ::inflate(&state, Z_NO_FLUSH);
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  ended_ = result == Z_STREAM_END;
  const bool stuck = result == Z_BUF_ERROR && state.avail_in == 0 && left_ == 0;
  if (stuck) fail("the compressed data ends early");
  if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
    fail("the compressed data is corrupt (", state.msg != nullptr ? state.msg : "no details", ")");
  }
  return wanted - state.avail_out;
}

void Inflater::read(std::span<std::byte> out) {
  while (!out.empty()) {
    const std::size_t count = read_some(out);
    out = out.subspan(count);
    if (ended_ && !out.empty()) {
      fail("the compressed data holds ", out.size(), " bytes less than declared");
    }
  }
}

void Inflater::finish() {
  std::byte extra{};
  while (!ended_) {
    if (read_some({&extra, 1}) > 0) fail("the compressed data holds more bytes than declared");
  }
  if (const std::uint64_t unused = left_ + stream_->state.avail_in; unused > 0) {
    fail(unused, " bytes follow the end of the compressed data");
  }
}

}  // namespace nn::io
