#include <algorithm>
#include <cctype>

#include <models/wiring_names.h>
#include <models/wiring_norms.h>

namespace models::wiring {
namespace {

constexpr std::size_t kept = 4;  // ways that are followed to each place

// All numbers in a name: "1.2" of "block1.conv2".
std::string numbers_in(std::string_view name) {
  std::string text;
  bool in_number = false;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !in_number && !text.empty()) text += '.';
    if (digit) text += c;
    in_number = digit;
  }
  return text;
}

double cost_of(const Part& extra, std::size_t rank, const Part& core, std::size_t core_rank,
               const Place& place, bool is_last) {
  const bool adjacent = place.before ? rank + 1 == core_rank : rank == core_rank + 1;
  const bool together = parent_of(extra.name) == parent_of(core.name);
  const bool numbered =
      number_of(leaf_of(extra.name)) >= 0 && number_of(leaf_of(core.name)) >= 0 && together;
  double cost = 0;
  if (!adjacent) cost += 1.5;
  if (!together) cost += 0.5;
  if (numbered && !adjacent) cost += 4;  // in one Sequential they would stand side by side
  if (!numbered) {
    const std::string a = numbers_in(extra.name);
    const std::string b = numbers_in(core.name);
    if (a != b) {
      cost += trailing_number(extra.name) == trailing_number(core.name) ? 0.5 : 1.0;
    }
  }
  if (place.before) cost += 1;
  if (is_last && !place.before) cost += 3;
  return cost;
}

}  // namespace

std::vector<Placing> placings(const std::vector<Part>& extras, const std::vector<std::size_t>& rank,
                              const std::vector<Part>& cores,
                              const std::vector<std::size_t>& core_rank,
                              const std::vector<Place>& places) {
  // best[p]: ways for the extras so far, the last of them at a place before p.
  std::vector<std::vector<Placing>> best(places.size() + 1, {Placing{}});
  const auto keep = [](std::vector<Placing>& ways) {
    std::ranges::stable_sort(ways, {}, &Placing::cost);
    if (ways.size() > kept) ways.resize(kept);
  };
  for (std::size_t i = 0; i < extras.size(); ++i) {
    std::vector<std::vector<Placing>> next(places.size() + 1);
    for (std::size_t p = 0; p < places.size(); ++p) {
      next[p + 1] = next[p];
      const bool fits =
          extras[i].out == places[p].size || (extras[i].kind == Kind::prelu && extras[i].out == 1);
      if (!fits) continue;
      const std::size_t unit = places[p].unit;
      const double cost = cost_of(extras[i], rank[i], cores[unit], core_rank[unit], places[p],
                                  unit + 1 == cores.size());
      for (Placing way : best[p]) {
        way.cost += cost;
        way.places.push_back(p);
        next[p + 1].push_back(std::move(way));
      }
      keep(next[p + 1]);
    }
    best = std::move(next);
  }
  return best.back();
}

}  // namespace models::wiring
