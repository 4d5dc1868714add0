#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bytes.h"

// Messages of Protocol Buffers, honest or not, as strings of bytes.
namespace test::protobuf {

inline std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7F) | 0x80);
  return bytes + static_cast<char>(value);
}
inline std::string tag(std::uint64_t number, unsigned wire) { return varint(number << 3 | wire); }

inline std::string number(std::uint64_t field, std::int64_t value) {
  return tag(field, 0) + varint(static_cast<std::uint64_t>(value));
}
// A message, a text or packed numbers.
inline std::string bytes(std::uint64_t field, std::string_view content) {
  return tag(field, 2) + varint(content.size()) + std::string(content);
}
inline std::string real(std::uint64_t field, float value) {
  return tag(field, 5) + floats({value});
}
inline std::string real64(std::uint64_t field, double value) {
  return tag(field, 1) + bytes_of(std::vector<double>{value});
}
inline std::string packed(std::uint64_t field, const std::vector<std::int64_t>& values) {
  std::string content;
  for (const std::int64_t value : values) content += varint(static_cast<std::uint64_t>(value));
  return bytes(field, content);
}

}  // namespace test::protobuf
