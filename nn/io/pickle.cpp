#include <nn/io/file.h>
#include <nn/io/pickle.h>

namespace nn::io {

std::string_view Pickle::text(Ref value) const {
  const Range range = nodes_[value].number.range;
  return text_of(bytes_).substr(range.begin, range.size);
}

std::string Pickle::bytes_of(Ref value) const {
  const std::string_view text = this->text(value);
  if (!nodes_[value].latin1) return std::string(text);
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    // Characters to U+00FF take one or two bytes, 110000vv 10vvvvvv.
    if (byte >= 0x80 && i + 1 < text.size()) {
      byte = static_cast<unsigned char>(byte << 6 | (static_cast<unsigned char>(text[++i]) & 0x3F));
    }
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::span<const Pickle::Ref> Pickle::items(Ref value) const {
  const Node& node = nodes_[value];
  switch (node.kind) {
    case Kind::tuple:
    case Kind::persistent:
    case Kind::tensor:
    case Kind::opaque:
      return std::span(fixed_).subspan(node.number.range.begin, node.number.range.size);
    case Kind::list:
    case Kind::set:
    case Kind::dict:
    case Kind::object:
      return growing_[node.number.growing];
    default:
      return {};
  }
}

std::optional<Pickle::Ref> Pickle::value_at(Ref dict, std::string_view key) const {
  if (!is(dict, Kind::dict)) return std::nullopt;
  const auto pairs = items(dict);
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    if (is(pairs[i], Kind::string) && text(pairs[i]) == key) return pairs[i + 1];
  }
  return std::nullopt;
}

std::string_view name_of(Pickle::Kind kind) {
  switch (kind) {
    case Pickle::Kind::none:
      return "None";
    case Pickle::Kind::boolean:
      return "a bool";
    case Pickle::Kind::integer:
      return "an int";
    case Pickle::Kind::big_integer:
      return "an int beyond 64 bits";
    case Pickle::Kind::real:
      return "a float";
    case Pickle::Kind::string:
      return "a string";
    case Pickle::Kind::bytes:
      return "bytes";
    case Pickle::Kind::tuple:
      return "a tuple";
    case Pickle::Kind::list:
      return "a list";
    case Pickle::Kind::set:
      return "a set";
    case Pickle::Kind::dict:
      return "a dict";
    case Pickle::Kind::global:
      return "a class or function";
    case Pickle::Kind::persistent:
      return "a storage";
    case Pickle::Kind::tensor:
      return "a tensor";
    case Pickle::Kind::object:
      return "an object";
    case Pickle::Kind::opaque:
      return "another value";
  }
  return "another value";
}

}  // namespace nn::io
