#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <nn/io/file.h>

namespace nn::io {

// CRC-32 as zip and gzip use it; pass an earlier result to go on.
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t so_far = 0);

// A compressed run of bytes of a source, decompressed piece by piece into memory that the caller
// provides: a bomb can never produce more than was asked for. Throws Error when the data is corrupt
// or short.
class Inflater {
 public:
  enum class Kind {
    deflate,  // bare deflate data, as in zip entries
    gzip,     // one gzip member: header, data, CRC-32 and length, both checked
  };
  // REQUIRES: `source` outlives the inflater.
  Inflater(const ByteSource& source, std::uint64_t offset, std::uint64_t length, Kind kind);
  ~Inflater();
  Inflater(Inflater&&) = delete;

  // The next out.size() bytes.
  void read(std::span<std::byte> out);
  // Throws Error unless the stream ends here, intact, with all of its compressed bytes used.
  void finish();

 private:
  struct Stream;
  std::size_t read_some(std::span<std::byte> out);
  void refill();

  const ByteSource& source_;
  std::uint64_t offset_;
  std::uint64_t left_;
  bool ended_ = false;
  std::vector<std::byte> input_;
  std::unique_ptr<Stream> stream_;
};

// Deflate cannot shrink data further than this, so a larger claim is a lie.
constexpr bool inflated_size_is_possible(std::uint64_t inflated, std::uint64_t deflated) {
  return inflated <= 64 || (inflated - 64) / 1032 <= deflated;
}

}  // namespace nn::io
