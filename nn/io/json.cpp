#include <charconv>
#include <limits>

#include <nn/error.h>
#include <nn/io/json.h>
#include <nn/io/utf8.h>

namespace nn::io {
namespace {

constexpr std::size_t shown_bytes = 16;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, std::uint32_t code) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | (code >> shift & 0x3FU));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0U | code >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | code >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

JsonReader::JsonReader(std::string_view text, std::uint64_t base, Numbers numbers)
    : text_(text), base_(base), numbers_(numbers) {
  if (!is_utf8(text)) fail("the text is not UTF-8");
}

void JsonReader::fail_expected(std::string_view what) const {
  const std::string_view rest = text_.substr(position_);
  const std::string got = rest.empty() ? "the end of the text"
                                       : concat("'", printable(rest.substr(0, shown_bytes)),
                                                rest.size() > shown_bytes ? "…'" : "'");
  fail("byte ", base_ + position_, ": expected ", what, ", got ", got);
}

char JsonReader::peek() {
  while (position_ < text_.size()) {
    const char c = text_[position_];
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return c;
    ++position_;
  }
  return '\0';
}

bool JsonReader::take(char expected) {
  if (position_ == text_.size() || text_[position_] != expected) return false;
  ++position_;
  return true;
}

bool JsonReader::take_digits() {
  const std::size_t begin = position_;
  while (position_ < text_.size() && is_digit(text_[position_])) ++position_;
  return position_ > begin;
}

void JsonReader::take_word(std::string_view word) {
  if (!text_.substr(position_).starts_with(word)) fail_expected("a value");
  position_ += word.size();
}

void JsonReader::begin(bool is_object) {
  if (peek() != (is_object ? '{' : '[')) fail_expected(is_object ? "an object" : "an array");
  if (depth_ == max_depth) {
    fail("byte ", base_ + position_, ": values are nested more than ", max_depth, " deep");
  }
  ++position_;
  levels_[depth_++] = {is_object, true};
}
void JsonReader::begin_object() { begin(true); }
void JsonReader::begin_array() { begin(false); }

bool JsonReader::next_member(char close, std::string_view close_text) {
  Level& level = levels_[depth_ - 1];
  const char next = peek();
  if (next == close) {
    ++position_;
    --depth_;
    return false;
  }
  if (!level.is_empty) {
    if (next != ',') fail_expected(close_text);
    ++position_;
    peek();
  }
  level.is_empty = false;
  return true;
}

std::optional<std::string> JsonReader::next_key() {
  if (!next_member('}', "',' or '}'")) return std::nullopt;
  if (peek() != '"') fail_expected("a key in quotes");
  std::string key = string();
  peek();
  if (!take(':')) fail_expected("':'");
  return key;
}

bool JsonReader::next_item() { return next_member(']', "',' or ']'"); }

std::string JsonReader::string() {
  if (peek() != '"') fail_expected("a string");
  ++position_;
  std::string out;
  while (true) {
    const std::size_t begin = position_;
    while (position_ < text_.size() && text_[position_] != '"' && text_[position_] != '\\' &&
           static_cast<unsigned char>(text_[position_]) >= 0x20) {
      ++position_;
    }
    out += text_.substr(begin, position_ - begin);
    if (take('"')) return out;
    if (!take('\\')) fail_expected("a string that ends in '\"' and has no control bytes");
    escape(out);
  }
}

void JsonReader::escape(std::string& out) {
  constexpr std::string_view names = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  if (take('u')) {
    std::uint32_t code = hex4();
    if (code >= 0xD800 && code <= 0xDBFF) {  // the first half of a pair
      if (!take('\\') || !take('u')) fail_expected("the second half of a surrogate pair");
      const std::uint32_t low = hex4();
      if (low < 0xDC00 || low > 0xDFFF) fail_expected("behind the second half of a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
      fail("byte ", base_ + position_, ": a surrogate without its first half stands before it");
    }
    return append_utf8(out, code);
  }
  const std::size_t which =
      position_ < text_.size() ? names.find(text_[position_]) : std::string_view::npos;
  if (which == std::string_view::npos) fail_expected("an escape that JSON has");
  out += meanings[which];
  ++position_;
}

std::uint32_t JsonReader::hex4() {
  std::uint32_t code = 0;
  const std::string_view digits = text_.substr(position_, 4);
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, code, 16);
  if (digits.size() < 4 || error != std::errc() || stop != end) fail_expected("four hex digits");
  position_ += 4;
  return code;
}

std::uint64_t JsonReader::unsigned_integer() {
  constexpr std::string_view what = "an unsigned integer of 64 bits";
  peek();
  const std::size_t begin = position_;
  const bool digits = take_digits();
  const std::string_view token = text_.substr(begin, position_ - begin);
  const char behind = position_ < text_.size() ? text_[position_] : '\0';
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (!digits || error != std::errc() || (token.size() > 1 && token[0] == '0') || behind == '.' ||
      behind == 'e' || behind == 'E') {
    position_ = begin;
    fail_expected(what);
  }
  return value;
}

std::uint64_t JsonReader::unsigned_integer_or_text() {
  if (peek() != '"') return unsigned_integer();
  const std::size_t begin = position_;
  const std::string text = string();
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) {
    position_ = begin;
    fail_expected("an unsigned integer of 64 bits");
  }
  return value;
}

std::int64_t JsonReader::signed_integer() {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  peek();
  const std::size_t begin = position_;
  const bool negative = take('-');
  const bool digit = position_ < text_.size() && is_digit(text_[position_]);
  const std::uint64_t value = digit ? unsigned_integer() : 0;
  if (!digit || value > most + (negative ? 1 : 0)) {
    position_ = begin;
    fail_expected("an integer of 64 bits");
  }
  return static_cast<std::int64_t>(negative ? 0 - value : value);
}

double JsonReader::floating() {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const bool in_quotes = peek() == '"';
  const std::size_t begin = position_;
  if (in_quotes) {
    const std::string word = string();
    if (word == "Infinity") return infinity;
    if (word == "-Infinity") return -infinity;
    if (word == "NaN") return std::numeric_limits<double>::quiet_NaN();
    position_ = begin;
    fail_expected("a number");
  }
  number();
  double value = 0;
  const char* end = text_.data() + position_;
  const auto [stop, error] = std::from_chars(text_.data() + begin, end, value);
  if (error != std::errc() || stop != end) {
    position_ = begin;
    fail_expected("a number that a double holds");
  }
  return value;
}

bool JsonReader::boolean() {
  const bool value = peek() == 't';
  if (!value && peek() != 'f') fail_expected("true or false");
  take_word(value ? "true" : "false");
  return value;
}

void JsonReader::number() {
  const bool negative = take('-');
  if (numbers_ == Numbers::python) {
    const std::string_view rest = text_.substr(position_);
    const std::string_view word = negative || rest.starts_with('I') ? "Infinity" : "NaN";
    if (rest.starts_with(word)) {
      position_ += word.size();
      return;
    }
  }
  if (!take('0') && !take_digits()) fail_expected("a value");
  if (take('.') && !take_digits()) fail_expected("a digit");
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    if (!take_digits()) fail_expected("a digit");
  }
}

bool JsonReader::take_null() {
  if (peek() != 'n') return false;
  take_word("null");
  return true;
}

void JsonReader::skip() {
  const std::size_t outside = depth_;
  for (bool has_value = true;;) {
    if (has_value) {
      switch (peek()) {
        case '{':
          begin_object();
          break;
        case '[':
          begin_array();
          break;
        case '"':
          string();
          break;
        case 't':
          take_word("true");
          break;
        case 'f':
          take_word("false");
          break;
        case 'n':
          take_word("null");
          break;
        default:
          number();
      }
    }
    if (depth_ == outside) return;
    has_value = levels_[depth_ - 1].is_object ? next_key().has_value() : next_item();
  }
}

void JsonReader::finish() {
  peek();
  if (position_ != text_.size()) fail_expected("the end of the text");
}

}  // namespace nn::io
