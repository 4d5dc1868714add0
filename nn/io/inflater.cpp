#include <algorithm>

#include <nn/io/inflater.h>

namespace nn::io {
namespace {

constexpr std::uint64_t buffer_bytes = std::uint64_t{64} << 10;

}  // namespace

Inflater::Inflater(const ByteSource& source, std::uint64_t offset, std::uint64_t length, Kind kind)
    : source_(source),
      offset_(offset),
      left_(length),
      buffer_(static_cast<std::size_t>(std::min(length, buffer_bytes))),
      stream_(kind) {}

void Inflater::refill() {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, buffer_.size()));
  source_.read_at(offset_, {buffer_.data(), count});
  offset_ += count;
  left_ -= count;
  input_ = {buffer_.data(), count};
}

std::size_t Inflater::read_some(std::span<std::byte> out) {
  if (stream_.finished()) return 0;
  if (input_.empty() && left_ > 0) refill();
  const std::size_t count = stream_.inflate(input_, out);
  if (stream_.problem()) fail("the compressed data is corrupt (", stream_.problem(), ")");
  if (count == 0 && !stream_.finished() && input_.empty() && left_ == 0) {
    fail("the compressed data ends early");
  }
  return count;
}

void Inflater::read(std::span<std::byte> out) {
  while (!out.empty()) {
    out = out.subspan(read_some(out));
    if (stream_.finished() && !out.empty()) {
      fail("the compressed data holds ", out.size(), " bytes less than declared");
    }
  }
}

void Inflater::finish() {
  std::byte extra{};
  while (!stream_.finished()) {
    if (read_some({&extra, 1}) > 0) fail("the compressed data holds more bytes than declared");
  }
  if (const std::uint64_t unused = left_ + input_.size(); unused > 0) {
    fail(unused, " bytes follow the end of the compressed data");
  }
}

}  // namespace nn::io
