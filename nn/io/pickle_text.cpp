#include <algorithm>

#include <nn/error.h>
#include <nn/io/numpy_text.h>
#include <nn/io/pickle_lookup.h>
#include <nn/io/pickle_text.h>

namespace nn::io {
namespace {

using Kind = Pickle::Kind;
using Ref = Pickle::Ref;

constexpr std::size_t longest_text = 100;
constexpr std::size_t longest_list = 8;
constexpr int deepest = 3;

// Writes values until there is enough text; how deep it goes is bounded too.
class Writer {
 public:
  explicit Writer(const Pickle& pickle) : pickle_(pickle) {}

  std::string text(Ref value) {
    write(value, 0);
    return std::move(text_);
  }

 private:
  bool is_scalar(Ref value) const {
    const Kind kind = pickle_.kind(value);
    return kind == Kind::boolean || kind == Kind::integer || kind == Kind::real;
  }

  bool full() const { return text_.size() >= longest_text; }
  void add(std::string_view piece) {
    if (cut_) return;
    if (text_.size() + piece.size() > longest_text) {
      text_ += "…";
      cut_ = true;
    } else {
      text_ += piece;
    }
  }

  void write(Ref value, int depth) {
    if (depth > deepest) return add(name_of(pickle_.kind(value)));
    const auto items = pickle_.items(value);
    switch (pickle_.kind(value)) {
      case Kind::none:
        return add("None");
      case Kind::boolean:
        return add(pickle_.boolean(value) ? "True" : "False");
      case Kind::integer:
        return add(nn::to_text(pickle_.integer(value)));
      case Kind::real:
        return add(nn::to_text(pickle_.real(value)));
      case Kind::string:
        return add_string(pickle_.text(value), depth);
      case Kind::bytes:
        return add(concat("bytes, ", pickle_.bytes_of(value).size()));
      case Kind::global:
        return add(to_text(pickle_.global(value)));
      case Kind::list:
      case Kind::tuple:
      case Kind::set:
        return write_list(value, depth);
      case Kind::dict:
        if (depth >= deepest) return add(concat("a dict of ", items.size() / 2));
        return write_pairs(items, depth);
      case Kind::object:
        return write_object(value, depth);
      case Kind::opaque:
        return write_call(value);
      default:
        return add(name_of(pickle_.kind(value)));
    }
  }

  void add_string(std::string_view text, int depth) {
    constexpr std::size_t longest_string = 80;
    std::size_t size = std::min(text.size(), longest_string);
    const auto is_inside = [&](std::size_t i) { return (text[i] & 0xC0) == 0x80; };  // a character
    while (size > 0 && size < text.size() && is_inside(size)) --size;
    const std::string shown = printable(text.substr(0, size)) + (size < text.size() ? "…" : "");
    add(depth == 0 ? shown : concat("'", shown, "'"));
  }

  void write_list(Ref list, int depth) {
    const auto items = pickle_.items(list);
    const Kind kind = pickle_.kind(list);
    if (depth >= deepest || items.size() > longest_list) {
      add(concat(name_of(kind), " of ", items.size()));
      if (!items.empty() && is_scalar(items.back()) && kind != Kind::set) {
        add(", the last ");
        write(items.back(), depth + 1);
      }
      return;
    }
    add(kind == Kind::list ? "[" : kind == Kind::tuple ? "(" : "{");
    write_items(items, depth);
    add(kind == Kind::list ? "]" : kind == Kind::tuple ? ")" : "}");
  }

  void write_pairs(std::span<const Ref> pairs, int depth) {
    add("{");
    for (std::size_t i = 0; i + 1 < pairs.size() && !full() && !cut_; i += 2) {
      if (i > 0) add(", ");
      pickle_.is(pairs[i], Kind::string) ? add(printable(pickle_.text(pairs[i])))
                                         : write(pairs[i], depth + 1);
      add(": ");
      write(pairs[i + 1], depth + 1);
    }
    add("}");
  }

  void write_items(std::span<const Ref> items, int depth) {
    for (std::size_t i = 0; i < items.size() && !full() && !cut_; ++i) {
      if (i > 0) add(", ");
      write(items[i], depth + 1);
    }
  }

  // The class, and what it was made of.
  void write_object(Ref object, int depth) {
    if (const auto numpy = numpy_text(pickle_, object)) return add(*numpy);
    const GlobalName& type = pickle_.global(object);
    const auto items = pickle_.items(object);
    const auto arguments =
        pickle_.is(items[0], Kind::tuple) ? pickle_.items(items[0]) : std::span<const Ref>();
    if (type.module.starts_with("pathlib")) return write_path(arguments);
    if (type.module == "torch.torch_version" && arguments.size() == 1 &&
        pickle_.is(arguments[0], Kind::string)) {
      return add_string(pickle_.text(arguments[0]), depth);
    }
    if (type.module == "datetime" && write_date(type.name, arguments)) return;
    add(to_text(type));
    if (depth >= deepest) return;
    if (type.module == "collections" && type.name == "deque") {  // its items are appended, no pairs
      add(" [");
      write_items(items.subspan(1), depth);
      return add("]");
    }
    const auto pairs = items.size() % 2 == 1 ? items.subspan(1) : items.first(0);
    const auto attributes = attributes_of(pickle_, object);
    if (!pairs.empty() || !attributes.empty()) {
      add(" ");
      write_pairs(pairs.empty() ? attributes : pairs, depth);
    } else if (!arguments.empty()) {
      write_list(items[0], depth);
    }
  }

  void write_path(std::span<const Ref> parts) {
    for (std::size_t i = 0; i < parts.size() && !cut_; ++i) {
      if (!pickle_.is(parts[i], Kind::string)) continue;
      const std::string_view part = pickle_.text(parts[i]);
      if (i > 0 && !text_.ends_with('/')) add("/");
      add(printable(part));
    }
  }

  // Python packs a date in 4 bytes and a time of day in 6 more.
  bool write_date(std::string_view type, std::span<const Ref> arguments) {
    if ((type != "datetime" && type != "date") || arguments.empty()) return false;
    if (!pickle_.is(arguments[0], Kind::bytes)) return false;
    const std::string packed = pickle_.bytes_of(arguments[0]);
    if (packed.size() != (type == "date" ? 4U : 10U)) return false;
    const auto at = [&](std::size_t i) {
      return static_cast<unsigned>(static_cast<unsigned char>(packed[i]));
    };
    const auto two = [](unsigned value) { return concat(value < 10 ? "0" : "", value); };
    add(concat(at(0) * 256 + at(1), "-", two(at(2) & 127), "-", two(at(3))));
    if (type == "datetime") add(concat(" ", two(at(4)), ":", two(at(5)), ":", two(at(6))));
    return true;
  }

  // complex and torch.device.
  void write_call(Ref value) {
    const auto arguments = pickle_.items(value);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (i > 0) add(pickle_.global(value).meaning == Global::device ? ":" : "+");
      write(arguments[i], 0);
    }
    if (pickle_.global(value).meaning == Global::complex) add("j");
  }

  const Pickle& pickle_;
  std::string text_;
  bool cut_ = false;
};

}  // namespace

std::string short_text(const Pickle& pickle, Ref value) { return Writer(pickle).text(value); }

}  // namespace nn::io
