#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

// The only door to zlib.
namespace nn::io {

// zlib's CRC-32; crc32.h has a faster one.
std::uint32_t zlib_crc32(std::span<const std::byte> bytes, std::uint32_t so_far);

// A compressed stream, decompressed piece by piece into memory that the caller provides: a bomb can
// never produce more than was asked for.
class InflateStream {
 public:
  enum class Kind : std::uint8_t {
    deflate,  // bare deflate data, as in zip entries
    gzip,     // one gzip member: header, data, CRC-32 and length, both checked
    zlib,     // header, data and Adler-32, checked, as in PNG
  };
  explicit InflateStream(Kind kind);
  ~InflateStream();
  InflateStream(InflateStream&&) noexcept;
  InflateStream& operator=(InflateStream&&) noexcept;

  // Inflates from the front of `input` into `output` until one of them is used up or the stream
  // ends; takes what it read off `input` and returns the number of bytes written. After a problem
  // it returns 0 and does nothing.
  std::size_t inflate(std::span<const std::byte>& input, std::span<std::byte> output);

  bool finished() const { return finished_; }
  // What is wrong with the stream ("incorrect data check"), or null.
  const char* problem() const { return problem_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool finished_ = false;
  const char* problem_ = nullptr;
};

}  // namespace nn::io
