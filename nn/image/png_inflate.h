#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace nn {

// The CRC-32 of `bytes`, continued from that of the bytes before them.
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before = 0);

// Inflates one zlib stream piece by piece, checking its header, codes and Adler-32.
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;

  // Inflates from the front of `input` into `output` until one of them is used up or the stream
  // ends; takes what it read off `input` and returns the number of bytes written. After a problem
  // it returns 0 and does nothing.
  std::size_t inflate(std::span<const std::byte>& input, std::span<std::byte> output);

  bool finished() const { return finished_; }
  // What is wrong with the stream ("incorrect data check"), or null.
  const char* problem() const { return problem_; }

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
  bool finished_ = false;
  const char* problem_ = nullptr;
};

}  // namespace nn
