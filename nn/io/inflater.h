#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <nn/io/file.h>
#include <nn/io/zlib.h>

namespace nn::io {

// A compressed run of bytes of a source, decompressed in order. Throws Error when the data is
// corrupt or short.
class Inflater {
 public:
  using Kind = InflateStream::Kind;
  // REQUIRES: `source` outlives the inflater.
  Inflater(const ByteSource& source, std::uint64_t offset, std::uint64_t length, Kind kind);

  // The next out.size() bytes.
  void read(std::span<std::byte> out);
  // Throws Error unless the stream ends here, intact, with all of its compressed bytes used.
  void finish();

 private:
  std::size_t read_some(std::span<std::byte> out);
  void refill();

  const ByteSource& source_;
  std::uint64_t offset_;
  std::uint64_t left_;
  std::vector<std::byte> buffer_;
  std::span<const std::byte> input_;  // what is left of the buffer
  InflateStream stream_;
};

// Deflate cannot shrink data further than this, so a larger claim is a lie.
constexpr bool inflated_size_is_possible(std::uint64_t inflated, std::uint64_t deflated) {
  return inflated <= 64 || (inflated - 64) / 1032 <= deflated;
}

}  // namespace nn::io
