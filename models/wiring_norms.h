#pragma once

#include <cstddef>
#include <vector>

#include <models/wiring_parts.h>

namespace models::wiring {

// A place that a norm or a PReLU may have: behind a core, or in front of one.
struct Place {
  std::size_t unit = 0;
  bool before = false;
  std::int64_t size = 0;  // features of a norm there
};

// One place for each of the parts: places[i] is the index of the place of the i-th.
struct Placing {
  double cost = 0;
  std::vector<std::size_t> places;
};

// The ways to place norms (or PReLUs) in their order, cheapest first: beside their core in the file,
// of the same numbers in the name, in the same container. `rank` says where a part stands in the
// file (or in the order of names, where that is sorted); `last` is the unit that usually has none.
// Empty when there is no way.
std::vector<Placing> placings(const std::vector<Part>& extras, const std::vector<std::size_t>& rank,
                              const std::vector<Part>& cores,
                              const std::vector<std::size_t>& core_rank,
                              const std::vector<Place>& places);

}  // namespace models::wiring
