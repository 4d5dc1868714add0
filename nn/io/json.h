#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nn::io {

// Pulls a JSON text apart from front to back, as strict as RFC 8259: the caller says what has to
// come next and gets it, or an Error that names the byte, counted from `base`. Objects and arrays
// may be nested `max_depth` deep; nothing recurs. Whether a key occurs twice is the caller's check.
//
//   JsonReader json(text);
//   json.begin_object();
//   while (const auto key = json.next_key()) use(*key, json.string());
//   json.finish();
class JsonReader {
 public:
  static constexpr std::size_t max_depth = 64;

  // Which numbers there are: Python's json also writes the bare words NaN, Infinity and -Infinity.
  enum class Numbers : std::uint8_t { json, python };

  // Throws Error unless the text is UTF-8. REQUIRES: the text outlives the reader.
  explicit JsonReader(std::string_view text, std::uint64_t base = 0,
                      Numbers numbers = Numbers::json);

  void begin_object();
  // The next key of the innermost object, whose value has to be taken next; nothing at its end.
  std::optional<std::string> next_key();
  void begin_array();
  // Whether the innermost array has another value, which has to be taken next.
  bool next_item();
  std::string string();
  // Digits alone: no sign, fraction or exponent.
  std::uint64_t unsigned_integer();
  // The same, or such digits in a string: how protobuf writes numbers of 64 bits.
  std::uint64_t unsigned_integer_or_text();
  // The same with a sign in front, where there is one.
  std::int64_t signed_integer();
  // A number, as the nearest double; what JSON has no numbers for also as the strings "Infinity",
  // "-Infinity" and "NaN".
  double floating();
  bool boolean();
  // Takes a null when one comes next.
  bool take_null();
  // Takes any value.
  void skip();
  // Throws Error when anything but blanks follows.
  void finish();

 private:
  struct Level {
    bool is_object = false;
    bool is_empty = true;  // so far
  };

  char peek();  // the next byte behind blanks; NUL at the end
  bool take(char expected);
  bool take_digits();
  void take_word(std::string_view word);
  void begin(bool is_object);
  bool next_member(char close, std::string_view close_text);
  void escape(std::string& out);
  std::uint32_t hex4();
  void number();
  [[noreturn]] void fail_expected(std::string_view what) const;

  std::string_view text_;
  std::uint64_t base_;
  Numbers numbers_;
  std::size_t position_ = 0;
  std::array<Level, max_depth> levels_{};
  std::size_t depth_ = 0;
};

}  // namespace nn::io
