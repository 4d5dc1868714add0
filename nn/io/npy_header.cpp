#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include <nn/checked.h>
#include <nn/error.h>
#include <nn/io/cursor.h>
#include <nn/io/file.h>
#include <nn/io/npy_header.h>
#include <nn/io/utf8.h>

namespace nn::io {
namespace {

using namespace std::string_view_literals;

constexpr auto magic = "\x93NUMPY"sv;
constexpr std::size_t shown_bytes = 24;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Fields {
  std::string descr;  // of a structured array the list as it stands
  bool structured = false;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
};

// {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } and a line break.
class Parser {
 public:
  Parser(std::string_view text, std::uint64_t base) : text_(text), base_(base) {}

  Fields read() {
    Fields fields;
    std::array<bool, 3> seen{};
    expect("{");
    while (!take("}")) {
      const std::size_t key_at = position_;
      const std::string_view key = quoted();
      expect(":");
      const std::size_t which = key == "descr"           ? 0
                                : key == "fortran_order" ? 1
                                : key == "shape"         ? 2
                                                         : seen.size();
      if (which == seen.size() || seen[which]) {
        position_ = key_at;
        fail_expected("the keys 'descr', 'fortran_order' and 'shape', once each");
      }
      seen[which] = true;
      if (which == 0) read_descr(fields);
      if (which == 1) fields.fortran_order = read_bool();
      if (which == 2) read_shape(fields);
      if (!take(",")) {
        expect("}");
        break;
      }
    }
    for (std::size_t i = 0; i < seen.size(); ++i) {
      if (!seen[i])
        fail("the key '", std::array{"descr", "fortran_order", "shape"}[i], "' is missing");
    }
    skip_blanks();
    if (position_ != text_.size()) fail_expected("blanks to its end");
    return fields;
  }

 private:
  void skip_blanks() {
    while (position_ < text_.size() && " \t\r\n"sv.find(text_[position_]) != std::string_view::npos)
      ++position_;
  }
  bool take(std::string_view token) {
    skip_blanks();
    if (!text_.substr(position_).starts_with(token)) return false;
    position_ += token.size();
    return true;
  }
  void expect(std::string_view token) {
    if (!take(token)) fail_expected(concat("'", token, "'"));
  }
  [[noreturn]] void fail_expected(std::string_view what) const {
    const std::string_view rest = text_.substr(position_, shown_bytes);
    fail("byte ", base_ + position_, ": expected ", what, ", got ",
         rest.empty() ? "the end of the header" : concat("'", printable(rest), "'"));
  }

  // Names and types have no escapes.
  std::string_view quoted() {
    skip_blanks();
    const char quote = position_ < text_.size() ? text_[position_] : '\0';
    if (quote != '\'' && quote != '"') fail_expected("a string in quotes");
    const std::size_t end = text_.find(quote, position_ + 1);
    const std::string_view inside = text_.substr(position_ + 1, end - position_ - 1);
    if (end == std::string_view::npos || inside.find('\\') != std::string_view::npos) {
      fail_expected("a string in quotes without escapes");
    }
    position_ = end + 1;
    return inside;
  }

  void read_descr(Fields& fields) {
    skip_blanks();
    fields.structured = position_ < text_.size() && text_[position_] == '[';
    fields.descr = fields.structured ? list() : quoted();
  }

  // The fields of a structured array are not looked into: brackets and strings have to pair.
  std::string_view list() {
    const std::size_t begin = position_;
    std::string open;
    do {
      skip_blanks();
      const char c = position_ < text_.size() ? text_[position_] : '\0';
      if (c == '\'' || c == '"') {
        quoted();
      } else if (c == '[' || c == '(') {
        open += c;
        ++position_;
      } else if (c == ']' || c == ')') {
        if (open.back() != (c == ']' ? '[' : '(')) fail_expected("brackets in pairs");
        open.pop_back();
        ++position_;
      } else if (c == ',' || is_digit(c)) {
        ++position_;
      } else {
        fail_expected("a list of strings, numbers and tuples");
      }
    } while (!open.empty());
    return text_.substr(begin, position_ - begin);
  }

  bool read_bool() {
    if (take("True")) return true;
    if (take("False")) return false;
    fail_expected("True or False");
  }

  // (), (3,), (2, 3); Python 2 wrote 3L.
  void read_shape(Fields& fields) {
    expect("(");
    bool comma = false;
    while (!take(")")) {
      if (!fields.shape.empty() && !comma) fail_expected("',' or ')'");
      fields.shape.push_back(size());
      comma = take(",");
      if (fields.shape.size() == 1 && !comma) fail_expected("',' behind the first size");
    }
  }

  std::int64_t size() {
    skip_blanks();
    const std::string_view rest = text_.substr(position_);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (rest.empty() || !is_digit(rest[0]) || error != std::errc()) {
      fail_expected("a size of 0 to 2^63 - 1");
    }
    position_ += static_cast<std::size_t>(end - rest.data());
    if (position_ < text_.size() && text_[position_] == 'L') ++position_;
    return value;
  }

  std::string_view text_;
  std::uint64_t base_;
  std::size_t position_ = 0;
};

// Kind and bytes of an element, as in "<f4".
struct Descr {
  std::string_view text;     // "f4"
  std::string_view meaning;  // PyTorch's name
};

constexpr std::array types = {
    Descr{"f4", "float32"},   Descr{"f8", "float64"},    Descr{"f2", "float16"},
    Descr{"i8", "int64"},     Descr{"i4", "int32"},      Descr{"i2", "int16"},
    Descr{"i1", "int8"},      Descr{"u1", "uint8"},      Descr{"u2", "uint16"},
    Descr{"u4", "uint32"},    Descr{"u8", "uint64"},     Descr{"b1", "bool"},
    Descr{"c8", "complex64"}, Descr{"c16", "complex128"}};

// Bytes of an element of other kinds of NumPy: long double ("f16"), texts, raw bytes, dates.
std::optional<std::uint64_t> other_element_size(std::string_view kind) {
  if (kind.empty() || "fcSaUVmM"sv.find(kind[0]) == std::string_view::npos) return std::nullopt;
  std::uint64_t size = 0;
  const char* const end = kind.data() + kind.size();
  const auto [behind, error] = std::from_chars(kind.data() + 1, end, size);
  const bool has_unit = kind[0] == 'm' || kind[0] == 'M';  // "M8[ns]"
  if (error != std::errc() || (behind != end && !(has_unit && *behind == '['))) return std::nullopt;
  return kind[0] == 'U' ? checked_multiply<std::uint64_t>(size, 4) : size;
}

// Returns the bytes of an element; 0 when it is not known, which is so for structured arrays.
std::uint64_t set_type(const Fields& fields, NpyHeader& header) {
  const std::string_view descr = fields.descr;
  const auto refuse_objects = [&] {
    fail("an array of objects ('", printable(descr),
         "') is a pickle, which is never executed; save numbers, as array.astype('float32')");
  };
  if (fields.structured) {
    if (descr.find("|O"sv) != std::string_view::npos) refuse_objects();
    header.dtype = "structured";
    return 0;
  }
  const bool has_order = !descr.empty() && "<>|="sv.find(descr[0]) != std::string_view::npos;
  const std::string_view kind = descr.substr(has_order ? 1 : 0);
  if (kind.starts_with('O')) refuse_objects();
  header.big_endian = has_order && descr[0] == '>';
  for (const Descr& type : types) {
    if (type.text == kind) header.type = find_torch_dtype(type.meaning);
  }
  if (header.type != nullptr) {
    header.dtype = header.type->name;
    return header.type->item_size;
  }
  const auto size = other_element_size(kind);
  if (!has_order || !size || descr.size() > 32) {
    fail("descr '", printable(descr), "' is not an element type of NumPy");
  }
  header.dtype = printable(descr);
  return *size;
}

// Strides of a contiguous array, the last or the first dimension running fastest.
std::vector<std::int64_t> strides_of(const Shape& shape, bool fortran_order) {
  std::vector<std::int64_t> strides(shape.rank());
  std::int64_t stride = 1;
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    const std::size_t dim = fortran_order ? i : shape.rank() - 1 - i;
    strides[dim] = stride;
    stride *= shape[dim];
  }
  return strides;
}

[[noreturn]] void fail_data_size(const NpyHeader& header, const Shape& shape,
                                 std::uint64_t needed) {
  fail("behind the header there are ", header.data_size, " bytes, ", header.dtype, " ", shape,
       " needs ", needed,
       header.data_size < needed ? "; the file was cut short: copy or download it again" : "");
}

// The data of an array that is listed only has to be there all the same.
void check_listed(const NpyHeader& header, bool structured, std::uint64_t numel,
                  std::uint64_t element_size) {
  if (structured) {
    if ((numel == 0 ? header.data_size : header.data_size % numel) != 0) {
      fail("behind the header there are ", header.data_size, " bytes, which are not ", numel,
           " elements of one size; copy or download the file again");
    }
    return;
  }
  const auto needed = checked_multiply(numel, element_size);
  if (!needed) fail("Storage size calculation overflowed with sizes=", header.view.shape);
  if (header.data_size != *needed) fail_data_size(header, header.view.shape, *needed);
}

void set_view(const Fields& fields, std::uint64_t element_size, NpyHeader& header) {
  const Shape shape(fields.shape);
  const auto numel = static_cast<std::uint64_t>(shape.numel());
  header.view.shape = shape;
  if (header.type == nullptr) {
    check_listed(header, fields.structured, numel, element_size);
    return;
  }
  // An array without elements may have sizes whose product would overflow.
  const bool fortran_order = fields.fortran_order && numel > 0;
  const std::vector<std::int64_t> strides =
      numel > 0 ? strides_of(shape, fortran_order) : std::vector<std::int64_t>(shape.rank(), 1);
  header.view = checked_view(fields.shape, strides, 0, numel);
  const std::uint64_t needed = byte_size(header.view, header.type->item_size);
  if (header.data_size != needed) fail_data_size(header, shape, needed);
}

}  // namespace

NpyHeader read_npy_header(std::span<const std::byte> head, std::uint64_t size) {
  Cursor cursor(head);
  if (head.size() < magic.size() || text_of(cursor.take(magic.size())) != magic) {
    fail("byte 0: expected an .npy file, which begins with \\x93NUMPY");
  }
  const int major = cursor.u8();
  const int minor = cursor.u8();
  if (major < 1 || major > 3 || minor != 0) {
    fail("byte 6: version ", major, ".", minor, " of the format, expected 1.0, 2.0 or 3.0");
  }
  const std::uint64_t length = major == 1 ? cursor.u16() : cursor.u32();
  if (length > longest_npy_header) {
    fail("header: ", length, " bytes; at most ", longest_npy_header, " are read");
  }
  NpyHeader header;
  const std::uint64_t begin = cursor.offset();
  const std::string_view text = text_of(cursor.take(length));
  header.data_at = cursor.offset();
  header.data_size = size - header.data_at;
  at_place("header", [&] {
    if (major == 3 && !is_utf8(text)) fail("the text is not UTF-8");
    const Fields fields = Parser(text, begin).read();
    const std::uint64_t element_size = set_type(fields, header);
    set_view(fields, element_size, header);
  });
  return header;
}

std::string_view numpy_type(std::string_view dtype) {
  const auto* const found = std::ranges::find(types, dtype, &Descr::meaning);
  return found == types.end() ? std::string_view() : found->text;
}

}  // namespace nn::io
