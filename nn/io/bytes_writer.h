#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace nn::io {

// Puts binary records together, number by number: what Cursor takes apart.
class BytesWriter {
 public:
  template <std::integral T>
  void little_endian(T value) {
    const auto bits = static_cast<std::uint64_t>(static_cast<std::make_unsigned_t<T>>(value));
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes_ += static_cast<char>(bits >> (8 * i) & 0xFFU);
    }
  }
  void u8(std::uint8_t value) { little_endian(value); }
  void u16(std::uint16_t value) { little_endian(value); }
  void u32(std::uint32_t value) { little_endian(value); }
  void u64(std::uint64_t value) { little_endian(value); }
  void text(std::string_view text) { bytes_ += text; }
  void zeros(std::size_t count) { bytes_.append(count, '\0'); }

  std::size_t size() const { return bytes_.size(); }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace nn::io
