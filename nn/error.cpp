#include <array>
#include <charconv>

#include <nn/error.h>

namespace nn {
namespace {

constexpr std::size_t longest_printable = 200;

// Bytes of the UTF-8 sequence that starts at text[i], or 0 when it is not a valid one.
std::size_t utf8_length(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const auto continues = [&](std::size_t at) {
    return at < text.size() && (byte(at) & 0xC0U) == 0x80U;
  };
  const unsigned char lead = byte(i);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF && continues(i + 1)) return 2;
  if (lead >= 0xE0 && lead <= 0xEF && continues(i + 1) && continues(i + 2)) {
    const bool overlong = lead == 0xE0 && byte(i + 1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(i + 1) > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4 && continues(i + 1) && continues(i + 2) && continues(i + 3)) {
    const bool overlong = lead == 0xF0 && byte(i + 1) < 0x90;
    const bool too_large = lead == 0xF4 && byte(i + 1) > 0x8F;
    return overlong || too_large ? 0 : 4;
  }
  return 0;
}

}  // namespace

std::string to_text(double value) {
  std::array<char, 32> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), result.ptr);
}

std::string printable(std::string_view untrusted) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < untrusted.size();) {
    if (text.size() >= longest_printable) return text + "…";
    const auto byte = static_cast<unsigned char>(untrusted[i]);
    const std::size_t length = utf8_length(untrusted, i);
    const bool c1_control =
        length == 2 && byte == 0xC2 && static_cast<unsigned char>(untrusted[i + 1]) < 0xA0;
    if (length == 0 || byte < 0x20 || byte == 0x7F || c1_control) {
      text += "\\x";
      text += digits[byte >> 4];
      text += digits[byte & 15];
      ++i;
    } else {
      text += untrusted.substr(i, length);
      i += length;
    }
  }
  return text;
}

}  // namespace nn
