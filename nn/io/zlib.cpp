#include <algorithm>
#include <new>

#define ZLIB_CONST
#include <zlib.h>

#include <nn/io/zlib.h>

namespace nn::io {
namespace {

// zlib counts in unsigned int; more is given in several calls.
constexpr std::size_t largest_step = std::size_t{1} << 30;

int window_bits(InflateStream::Kind kind) {
  switch (kind) {
    case InflateStream::Kind::deflate:
      return -MAX_WBITS;
    case InflateStream::Kind::gzip:
      return MAX_WBITS + 16;
    case InflateStream::Kind::zlib:
      return MAX_WBITS;
  }
  return MAX_WBITS;
}

}  // namespace

std::uint32_t zlib_crc32(std::span<const std::byte> bytes, std::uint32_t so_far) {
  if (bytes.empty()) return so_far;  // zlib starts afresh at a null pointer
  return static_cast<std::uint32_t>(
      ::crc32_z(so_far, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

struct InflateStream::State {
  explicit State(Kind kind) {
    if (::inflateInit2(&z, window_bits(kind)) != Z_OK) throw std::bad_alloc();
  }
  ~State() { ::inflateEnd(&z); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  z_stream z{};
};

InflateStream::InflateStream(Kind kind) : state_(std::make_unique<State>(kind)) {}
InflateStream::~InflateStream() = default;
InflateStream::InflateStream(InflateStream&&) noexcept = default;
InflateStream& InflateStream::operator=(InflateStream&&) noexcept = default;

std::size_t InflateStream::inflate(std::span<const std::byte>& input, std::span<std::byte> output) {
  if (finished_ || problem_ != nullptr) return 0;
  z_stream& z = state_->z;
  const std::size_t given = std::min(input.size(), largest_step);
  const std::size_t room = std::min(output.size(), largest_step);
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

}  // namespace nn::io
