#include <charconv>

#include <nn/dtype.h>
#include <nn/error.h>
#include <nn/io/cursor.h>
#include <nn/io/numpy_text.h>

namespace nn::io {
namespace {

using Kind = Pickle::Kind;
using Ref = Pickle::Ref;

constexpr std::size_t most_values = 4;

// A dtype of NumPy: 'f8' and in which order its bytes are.
struct Type {
  char kind = '?';
  std::size_t size = 0;
  bool big_endian = false;

  std::string name() const {
    switch (kind) {
      case 'b':
        return "bool";
      case 'i':
        return concat("int", 8 * size);
      case 'u':
        return concat("uint", 8 * size);
      case 'f':
        return concat("float", 8 * size);
      case 'c':
        return concat("complex", 8 * size);
      case 'O':
        return "object";
      default:
        return "another type";
    }
  }
};

bool is_function(const Pickle& pickle, Ref object, std::string_view module, std::string_view name) {
  if (!pickle.is(object, Kind::object)) return false;
  const GlobalName& global = pickle.global(object);
  return global.module == module && global.name == name;
}

// The arguments of the call that made a placeholder.
std::span<const Ref> arguments_of(const Pickle& pickle, Ref object) {
  const auto items = pickle.items(object);
  return items.empty() || !pickle.is(items[0], Kind::tuple) ? std::span<const Ref>()
                                                            : pickle.items(items[0]);
}

// dtype('f8', False, True) with the state (3, '<', …).
std::optional<Type> type_of(const Pickle& pickle, Ref dtype) {
  if (!is_function(pickle, dtype, "numpy", "dtype")) return std::nullopt;
  const auto arguments = arguments_of(pickle, dtype);
  if (arguments.empty() || !pickle.is(arguments[0], Kind::string)) return std::nullopt;
  const std::string_view code = pickle.text(arguments[0]);
  Type type;
  if (code.size() < 2) return std::nullopt;
  type.kind = code[0];
  const auto [end, error] = std::from_chars(code.data() + 1, code.data() + code.size(), type.size);
  if (error != std::errc() || end != code.data() + code.size()) return std::nullopt;
  if (const Ref state = pickle.state(dtype); pickle.is(state, Kind::tuple)) {
    const auto items = pickle.items(state);
    type.big_endian =
        items.size() > 1 && pickle.is(items[1], Kind::string) && pickle.text(items[1]) == ">";
  }
  return type;
}

std::string to_text(float value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

template <class T>
T number(Cursor& bytes, const Type& type) {
  return type.big_endian ? bytes.big_endian<T>() : bytes.little_endian<T>();
}

// The next number of `bytes`; "" when it is none that can be shown.
std::string next_text(Cursor& bytes, const Type& type) {
  const bool is_unsigned = type.kind == 'u';
  switch (type.kind) {
    case 'b':
      return type.size == 1 ? (bytes.u8() != 0 ? "True" : "False") : "";
    case 'i':
    case 'u':
      if (type.size == 1) {
        return is_unsigned ? nn::to_text(bytes.u8())
                           : nn::to_text(bytes.little_endian<std::int8_t>());
      }
      if (type.size == 2) {
        return is_unsigned ? nn::to_text(number<std::uint16_t>(bytes, type))
                           : nn::to_text(number<std::int16_t>(bytes, type));
      }
      if (type.size == 4) {
        return is_unsigned ? nn::to_text(number<std::uint32_t>(bytes, type))
                           : nn::to_text(number<std::int32_t>(bytes, type));
      }
      if (type.size == 8) {
        return is_unsigned ? nn::to_text(number<std::uint64_t>(bytes, type))
                           : nn::to_text(number<std::int64_t>(bytes, type));
      }
      return "";
    case 'f':
      if (type.size == 2) return to_text(to_float(Float16{number<std::uint16_t>(bytes, type)}));
      if (type.size == 4) {
        return to_text(std::bit_cast<float>(number<std::uint32_t>(bytes, type)));
      }
      if (type.size == 8) {
        return nn::to_text(std::bit_cast<double>(number<std::uint64_t>(bytes, type)));
      }
      return "";
    default:
      return "";
  }
}

// The numbers in `data`, when it holds exactly `count` of them: "1, 2, 3".
std::string values_text(const std::string& data, const Type& type, std::size_t count) {
  if (count == 0 || count > most_values || data.size() != count * type.size) return "";
  Cursor bytes(std::as_bytes(std::span(data)));
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string value = next_text(bytes, type);
    if (value.empty()) return "";
    text.append(i == 0 ? "" : ", ").append(value);
  }
  return text;
}

std::string array_text(const Pickle& pickle, Ref shape, const Type& type, Ref data) {
  std::string sizes;
  std::size_t count = 1;
  for (const Ref item : pickle.items(shape)) {
    if (!pickle.is(item, Kind::integer)) return "an array of NumPy";
    const std::int64_t size = pickle.integer(item);
    sizes.append(sizes.empty() ? "" : ", ").append(nn::to_text(size));
    const bool few = size >= 0 && size <= static_cast<std::int64_t>(most_values);
    count =
        few ? std::min(count * static_cast<std::size_t>(size), most_values + 1) : most_values + 1;
    if (sizes.size() > 64) return "an array of NumPy";
  }
  const std::string values =
      pickle.is(data, Kind::bytes) ? values_text(pickle.bytes_of(data), type, count) : "";
  if (sizes.empty() && !values.empty()) return values;
  return concat("array of ", type.name(), " [", sizes, "]", values.empty() ? "" : ": ", values);
}

}  // namespace

std::optional<std::string> numpy_text(const Pickle& pickle, Ref object) {
  constexpr std::string_view multiarray = "numpy._core.multiarray";
  const auto arguments = arguments_of(pickle, object);
  // scalar(dtype, bytes)
  if (is_function(pickle, object, multiarray, "scalar") && arguments.size() == 2) {
    const auto type = type_of(pickle, arguments[0]);
    if (!type || !pickle.is(arguments[1], Kind::bytes)) return "a scalar of NumPy";
    const std::string value = values_text(pickle.bytes_of(arguments[1]), *type, 1);
    return value.empty() ? concat("a scalar of NumPy, ", type->name()) : value;
  }
  // _reconstruct(ndarray, (0,), b'b') with the state (version, shape, dtype, Fortran's order, bytes)
  if (is_function(pickle, object, multiarray, "_reconstruct")) {
    const Ref state = pickle.state(object);
    const auto items = pickle.is(state, Kind::tuple) ? pickle.items(state) : arguments.first(0);
    if (items.size() != 5 || !pickle.is(items[1], Kind::tuple)) return "an array of NumPy";
    const auto type = type_of(pickle, items[2]);
    return type ? array_text(pickle, items[1], *type, items[4]) : "an array of NumPy";
  }
  // _frombuffer(bytes, dtype, shape, order)
  if (is_function(pickle, object, "numpy._core.numeric", "_frombuffer") && arguments.size() == 4 &&
      pickle.is(arguments[2], Kind::tuple)) {
    const auto type = type_of(pickle, arguments[1]);
    return type ? array_text(pickle, arguments[2], *type, arguments[0]) : "an array of NumPy";
  }
  return std::nullopt;
}

}  // namespace nn::io
