#include "state_dicts.h"

#include <algorithm>
#include <optional>

#include <nn/io/state_dict.h>

namespace test::fuzz {
namespace {

// What reading a file shows: names, types, shapes and values, or errors in their place.
std::optional<std::string> everything(Bytes input, bool skip_unknown) {
  std::optional<std::string> found;
  accepts([&] {
    const auto state = nn::StateDict::from_bytes({input.begin(), input.end()}, "fuzz",
                                                 {.key = {}, .skip_unknown = skip_unknown});
    std::string shown = std::string(state.format()) + '\n';
    for (const auto& [name, text] : state.facts().extras)
      shown += nn::concat(name, ' ', text, '\n');
    for (const auto& note : state.facts().notes) shown += note + '\n';
    for (const auto& entry : state.entries()) {
      require(state.find(entry.name) == &entry, "an entry that is not found by its name");
      shown += nn::concat(entry.name, ' ', entry.dtype, ' ', to_text(entry.shape), '\n');
      accepts([&] {
        const nn::Tensor tensor = state.read(entry.name);
        require(tensor.shape() == entry.shape, "a tensor of another shape than listed");
        require(to_text(tensor.dtype()) == entry.dtype, "a tensor of another type than listed");
        const auto bytes = tensor.view().bytes();
        require(bytes.size() == entry.bytes, "a tensor of other bytes than listed");
        require(std::ranges::equal(state.share(entry.name)->view().bytes(), bytes),
                "a tensor shared with other values than read");
        shown.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      });
    }
    accepts([&] { state.verify(); });
    found = std::move(shown);
  });
  return found;
}

}  // namespace

void open_twice(Bytes input) {
  const auto first = everything(input, false);
  if (first) require(everything(input, true) == first, "read twice, a file reads differently");
}

}  // namespace test::fuzz
