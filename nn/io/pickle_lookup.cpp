#include <nn/error.h>
#include <nn/io/pickle_lookup.h>

namespace nn::io {
namespace {

using Kind = Pickle::Kind;
using Ref = Pickle::Ref;

std::optional<Ref> find(const Pickle& pickle, std::span<const Ref> pairs, std::string_view key) {
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    if (pickle.is(pairs[i], Kind::string) && pickle.text(pairs[i]) == key) return pairs[i + 1];
  }
  return std::nullopt;
}

Child pair_at(const Pickle& pickle, std::span<const Ref> pairs, std::size_t index) {
  const Ref key = pairs[2 * index];
  std::optional<std::string> label;
  if (pickle.is(key, Kind::string)) label = pickle.text(key);
  if (pickle.is(key, Kind::integer)) label = nn::to_text(pickle.integer(key));
  return {std::move(label), pairs[2 * index + 1]};
}

}  // namespace

std::string joined_path(std::string_view path, std::string_view label) {
  return path.empty() ? std::string(label) : concat(path, ".", label);
}

std::span<const Ref> attributes_of(const Pickle& pickle, Ref object) {
  if (!pickle.is(object, Kind::object)) return {};
  Ref state = pickle.state(object);
  // An object with slots has a pair, its attributes first.
  if (pickle.is(state, Kind::tuple) && !pickle.items(state).empty()) state = pickle.items(state)[0];
  return pickle.is(state, Kind::dict) ? pickle.items(state) : std::span<const Ref>();
}

std::optional<Ref> attribute(const Pickle& pickle, Ref object, std::string_view name) {
  return find(pickle, attributes_of(pickle, object), name);
}

std::span<const Ref> pairs_of(const Pickle& pickle, Ref object) {
  if (!pickle.is(object, Kind::object)) return {};
  const auto items = pickle.items(object);  // the first are its arguments
  return items.size() % 2 == 1 ? items.subspan(1) : items.first(0);
}

std::size_t child_count(const Pickle& pickle, Ref value) {
  switch (pickle.kind(value)) {
    case Kind::dict:
      return pickle.items(value).size() / 2;
    case Kind::list:
    case Kind::tuple:
      return pickle.items(value).size();
    case Kind::object:
      return attributes_of(pickle, value).size() / 2 + pairs_of(pickle, value).size() / 2;
    default:
      return 0;
  }
}

Child child_at(const Pickle& pickle, Ref value, std::size_t index) {
  switch (pickle.kind(value)) {
    case Kind::dict:
      return pair_at(pickle, pickle.items(value), index);
    case Kind::object: {
      const auto attributes = attributes_of(pickle, value);
      const std::size_t count = attributes.size() / 2;
      return index < count ? pair_at(pickle, attributes, index)
                           : pair_at(pickle, pairs_of(pickle, value), index - count);
    }
    default:
      return {nn::to_text(index), pickle.items(value)[index]};
  }
}

std::optional<Ref> child_named(const Pickle& pickle, Ref value, std::string_view label) {
  const auto in_pairs = [&](std::span<const Ref> pairs) -> std::optional<Ref> {
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
      const bool same = pickle.is(pairs[i], Kind::string)
                            ? pickle.text(pairs[i]) == label
                            : pickle.is(pairs[i], Kind::integer) &&
                                  nn::to_text(pickle.integer(pairs[i])) == label;
      if (same) return pairs[i + 1];
    }
    return std::nullopt;
  };
  const auto items = pickle.items(value);
  switch (pickle.kind(value)) {
    case Kind::dict:
      return in_pairs(items);
    case Kind::object: {
      const auto found = in_pairs(attributes_of(pickle, value));
      return found ? found : in_pairs(pairs_of(pickle, value));
    }
    case Kind::list:
    case Kind::tuple:
      for (std::size_t i = 0; i < items.size(); ++i) {
        if (nn::to_text(i) == label) return items[i];
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace nn::io
