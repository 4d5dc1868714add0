#include <algorithm>
#include <cmath>
#include <functional>

#include <nn/io/pickle_machine.h>

namespace nn::io {
namespace {

// A key in the form in which Python compares it: 1, 1.0 and True are one key.
struct Key {
  enum class Kind { integer, real, text, other } kind = Kind::other;
  std::uint64_t number = 0;  // or a hash of the text
  std::string_view text{};

  auto operator<=>(const Key&) const = default;
};

Key key_of(const Pickle& pickle, Pickle::Ref value) {
  switch (pickle.kind(value)) {
    case Pickle::Kind::boolean:
    case Pickle::Kind::integer:
      return {Key::Kind::integer, static_cast<std::uint64_t>(pickle.integer(value))};
    case Pickle::Kind::real: {
      const double number = pickle.real(value);
      if (std::abs(number) < 0x1p62 && std::trunc(number) == number) {
        return {Key::Kind::integer, static_cast<std::uint64_t>(static_cast<std::int64_t>(number))};
      }
      return {Key::Kind::real, std::bit_cast<std::uint64_t>(number)};
    }
    case Pickle::Kind::string: {
      const std::string_view text = pickle.text(value);
      return {Key::Kind::text, std::hash<std::string_view>{}(text), text};
    }
    default:  // tuples, classes …: of no interest as keys
      return {};
  }
}

void check_keys(const Pickle& pickle, Pickle::Ref dict, std::vector<Key>& keys) {
  const auto items = pickle.items(dict);
  if (items.size() < 4) return;
  keys.clear();
  for (std::size_t i = 0; i < items.size(); i += 2) {
    if (const Key key = key_of(pickle, items[i]); key.kind != Key::Kind::other) keys.push_back(key);
  }
  std::ranges::sort(keys);
  if (const auto twice = std::ranges::adjacent_find(keys); twice != keys.end()) {
    const std::string shown =
        twice->kind == Key::Kind::text ? printable(twice->text) : nn::to_text(twice->number);
    fail("the pickle has the key '", shown, "' twice in one dict");
  }
}

void check_depth(const Pickle& pickle, std::size_t limit) {
  struct Step {
    Pickle::Ref value;
    std::size_t next;  // child to visit
  };
  std::vector<bool> seen(pickle.size());
  std::vector<Step> path;
  const auto enter = [&](Pickle::Ref value) {
    if (seen[value]) return;
    seen[value] = true;
    const bool has_children = !pickle.items(value).empty() || pickle.state(value) != 0;
    if (!has_children) return;
    if (path.size() >= limit) fail("values of the pickle nest deeper than ", limit, ", the limit");
    path.push_back({value, 0});
  };
  enter(pickle.root());
  while (!path.empty()) {
    Step& step = path.back();
    const auto items = pickle.items(step.value);
    const std::size_t child = step.next++;
    if (child < items.size()) {
      enter(items[child]);
    } else if (child == items.size()) {
      enter(pickle.state(step.value));
    } else {
      path.pop_back();
    }
  }
}

}  // namespace

void check_tree(const Pickle& pickle, const PickleLimits& limits) {
  check_depth(pickle, limits.depth);
  std::vector<Key> keys;
  for (Pickle::Ref value = 0; value < pickle.size(); ++value) {
    if (pickle.is(value, Pickle::Kind::dict)) check_keys(pickle, value, keys);
  }
}

}  // namespace nn::io
