#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <nn/checked.h>
#include <nn/error.h>

namespace nn {

// A cursor over a picture file's bytes, big-endian as PNG and JPEG are. Reading past the end throws
// Error: "seven.png: offset 33: the file ends, expected 8 more bytes; …".
class ByteReader {
 public:
  ByteReader(std::span<const std::byte> bytes, std::string_view name)
      : bytes_(bytes), name_(name) {}

  std::size_t offset() const { return offset_; }
  std::size_t left() const { return bytes_.size() - offset_; }
  bool at_end() const { return left() == 0; }
  std::string_view name() const { return name_; }

  std::span<const std::byte> take(std::size_t count) {
    if (!fits(offset_, count, bytes_.size())) {
      refuse_at(bytes_.size(), "the file ends, expected ", count - left(),
                " more bytes; it was cut short, get it again");
    }
    const auto taken = bytes_.subspan(offset_, count);
    offset_ += count;
    return taken;
  }
  std::uint8_t u8() { return std::to_integer<std::uint8_t>(take(1)[0]); }
  std::uint16_t u16() {
    const int high = u8();
    return static_cast<std::uint16_t>(high << 8 | u8());
  }
  std::uint32_t u32() {
    const std::uint32_t high = u16();
    return high << 16 | u16();
  }
  // What is still to be read, and the offset after part of that was read elsewhere.
  std::span<const std::byte> rest() const { return bytes_.subspan(offset_); }
  void skip(std::size_t count) { take(count); }

  // Throws Error "name: offset N: …".
  template <class... Parts>
  [[noreturn]] void refuse_at(std::size_t offset, const Parts&... parts) const {
    fail(printable(name_), ": offset ", offset, ": ", parts...);
  }

 private:
  std::span<const std::byte> bytes_;
  std::string_view name_;
  std::size_t offset_ = 0;
};

// Pictures larger than this are refused before anything is allocated for them.
inline constexpr std::uint32_t max_image_side = 16384;
inline constexpr std::uint64_t max_image_pixels = 67'108'864;

// Throws Error unless 1 ≤ width, height ≤ max_image_side and width × height ≤ max_image_pixels.
void check_image_size(std::uint32_t width, std::uint32_t height, const ByteReader& reader);

}  // namespace nn
