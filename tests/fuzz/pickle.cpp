#include <nn/io/pickle.h>
#include <nn/io/torch_tensors.h>
#include <nn/io/torch_weights.h>

#include "target.h"

namespace test::fuzz {
namespace {

using nn::io::Pickle;

// What a reference leads to exists, and every text lies inside the pickle.
void walk(const Pickle& pickle) {
  require(pickle.root() < pickle.size(), "a root that does not exist");
  std::size_t bytes = 0;
  for (Pickle::Ref value = 0; value < pickle.size(); ++value) {
    const auto items = pickle.items(value);
    for (const Pickle::Ref item : items) require(item < pickle.size(), "an item of no value");
    require(pickle.state(value) < pickle.size(), "a state of no value");
    switch (pickle.kind(value)) {
      case Pickle::Kind::string:
      case Pickle::Kind::bytes:
        for (const char c : pickle.text(value)) bytes += c != 0;
        break;
      case Pickle::Kind::dict:
        require(items.size() % 2 == 0, "a dict with a key but no value");
        break;
      case Pickle::Kind::persistent:
        require(items.size() == 1, "a persistent id without its value");
        break;
      case Pickle::Kind::tuple:
      case Pickle::Kind::tensor:
        for (const Pickle::Ref item : items) require(item < value, "a tuple before its items");
        break;
      default:
        break;
    }
    const auto& global = pickle.global(value);
    require(pickle.kind(value) != Pickle::Kind::global || !global.name.empty(), "no name");
  }
  require(bytes < std::size_t{1} << 32, "more text than there is");
}

}  // namespace

void pickle(Bytes input) {
  const std::vector<std::byte> bytes(input.begin(), input.end());
  const bool whole = accepts([&] {
    const Pickle parsed = Pickle::parse(bytes);
    walk(parsed);
    accepts([&] {
      const nn::io::TorchTensors tensors(parsed);
      const auto chosen = nn::io::choose_weights(parsed, tensors);
      for (const auto& named : chosen.tensors)
        require(named.tensor != nullptr, "a name without a tensor");
    });
  });
  std::size_t consumed = 0;
  const bool front = accepts([&] { Pickle::parse(bytes, {}, &consumed); });
  if (front) require(whole == (consumed == bytes.size()), "a pickle with another end");
  if (whole) require(front, "a whole pickle is not one at the front of a stream");
  const bool lenient = accepts([&] { walk(Pickle::parse(bytes, {.unknown_calls = true})); });
  require(lenient || !whole, "what is accepted is refused when calls may be unknown");
}

}  // namespace test::fuzz
