#pragma once

#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace nn {

// The one exception type of the library. what() is one sentence for a person: where it happened,
// what was expected, what was found. Layers, graph and readers each add what they alone know, so a
// message reads from the outside in: "layer 'conv1' (Conv2d): expected …, got …".
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// How `fail` and `concat` write a value. Another type joins by overloading `to_text` beside itself.
inline std::string to_text(std::string_view text) { return std::string(text); }
inline std::string to_text(const char* text) { return text; }
inline std::string to_text(const std::string& text) { return text; }
inline std::string to_text(char c) { return std::string(1, c); }
std::string to_text(double value);  // shortest text that reads back equal, in the C locale
template <std::integral T>
std::string to_text(T value) {
  return std::to_string(value);
}

// The texts of all parts, one after another.
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::string text;
  (text.append(to_text(parts)), ...);
  return text;
}

// Throws Error(concat(parts...)).
template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  throw Error(concat(parts...));
}

// A name or a piece of a file from outside, made safe to print: control bytes and invalid UTF-8
// escaped as \xNN, cut at 200 bytes.
std::string printable(std::string_view untrusted);

}  // namespace nn
