#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <nn/error.h>

namespace nn::io {

// Reads little-endian numbers and runs of bytes from front to back, never beyond the end: the one
// way in which parsers touch bytes. Throws Error naming the offset, which counts from `base`.
class Cursor {
 public:
  explicit Cursor(std::span<const std::byte> bytes, std::uint64_t base = 0)
      : bytes_(bytes), base_(base) {}

  std::uint64_t offset() const { return base_ + position_; }
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }
  bool done() const { return remaining() == 0; }

  // The next `length` bytes; a claimed length costs nothing before it is known to be there.
  std::span<const std::byte> take(std::uint64_t length) {
    if (length > remaining()) {
      fail("byte ", offset(), ": expected ", length, " more bytes, there are ", remaining());
    }
    const auto taken = bytes_.subspan(position_, static_cast<std::size_t>(length));
    position_ += taken.size();
    return taken;
  }
  void skip(std::uint64_t length) { take(length); }

  template <std::integral T>
  T little_endian() {
    return read<T>(false);
  }
  template <std::integral T>
  T big_endian() {
    return read<T>(true);
  }
  std::uint8_t u8() { return little_endian<std::uint8_t>(); }
  std::uint16_t u16() { return little_endian<std::uint16_t>(); }
  std::uint32_t u32() { return little_endian<std::uint32_t>(); }
  std::uint64_t u64() { return little_endian<std::uint64_t>(); }
  double big_endian_double() { return std::bit_cast<double>(big_endian<std::uint64_t>()); }

 private:
  template <std::integral T>
  T read(bool most_significant_first) {
    const auto taken = take(sizeof(T));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      const auto byte = taken[most_significant_first ? i : sizeof(T) - 1 - i];
      value = value << 8 | std::to_integer<std::uint64_t>(byte);
    }
    return static_cast<T>(static_cast<std::make_unsigned_t<T>>(value));
  }

  std::span<const std::byte> bytes_;
  std::uint64_t base_;
  std::size_t position_ = 0;
};

}  // namespace nn::io
