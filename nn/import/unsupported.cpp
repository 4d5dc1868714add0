#include <algorithm>

#include <nn/error.h>
#include <nn/import/unsupported.h>

namespace nn {

void Unsupported::add(std::string_view name, std::string_view place) {
  std::string shown = printable(name);
  const auto [found, added] = places_.emplace(shown, operators_.size());
  if (added) {
    operators_.push_back({std::move(shown), 1, std::string(place)});
  } else {
    ++operators_[found->second].count;
  }
}

void Unsupported::require_none(std::string_view advice) const {
  if (operators_.empty()) return;
  constexpr std::size_t most_shown = 32;
  std::string text;
  for (std::size_t i = 0; i < std::min(operators_.size(), most_shown); ++i) {
    const auto& [name, count, first] = operators_[i];
    text += concat(i == 0 ? "" : ", ", name, " (", count, count == 1 ? " time" : " times",
                   ", first at ", first, ")");
  }
  if (operators_.size() > most_shown) {
    text += concat(" and ", operators_.size() - most_shown, " more");
  }
  fail("these operators are not supported: ", text, advice);
}

}  // namespace nn
