#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include <models/wiring_sizes.h>

namespace models::wiring {

inline constexpr std::int64_t most_side = 4096;

// Where a search starts: pictures of that size, one size of pools for all, and a padding for all
// convolutions; with padding 0 each has none or keeps its sides.
struct Start {
  Sides input;
  PoolSize pool;
  std::int64_t padding = 0;
  double cost = 0;
};

// Follows the convolutions one by one with all paddings, strides and pools that are open, and adds
// what fits to `found` (unsorted) and the planes that come out to `reached`. Ways that meet in equal
// sides go on as one bundle of the cheapest. False when some were left out for their number.
bool search_paths(const SizeSearch& search, const Start& start, std::vector<Layout>& found,
                  std::set<Sides>& reached);

// The least side of a square of so many cells.
std::int64_t square_root(std::int64_t cells);

}  // namespace models::wiring
