#include <algorithm>
#include <map>

#include <nn/draw/ranks.h>
#include <nn/error.h>

namespace nn::draw {
namespace {

constexpr std::size_t most_spots = 200'000;

std::vector<std::size_t> ranks_of(std::size_t boxes, std::span<const Arrow> arrows) {
  std::vector<Arrow> ascending(arrows.begin(), arrows.end());
  std::ranges::stable_sort(ascending, {}, &Arrow::from);
  std::vector<std::size_t> ranks(boxes);
  for (const Arrow& arrow : ascending) {
    ranks[arrow.to] = std::max(ranks[arrow.to], ranks[arrow.from] + 1);
  }
  // What reads nothing comes just above its first reader.
  std::vector<bool> reads(boxes);
  std::vector<std::size_t> first_reader(boxes, SIZE_MAX);
  for (const Arrow& arrow : arrows) {
    reads[arrow.to] = true;
    first_reader[arrow.from] = std::min(first_reader[arrow.from], ranks[arrow.to]);
  }
  for (std::size_t i = 0; i < boxes; ++i) {
    if (!reads[i] && first_reader[i] != SIZE_MAX) ranks[i] = first_reader[i] - 1;
  }
  return ranks;
}

// Links by one of their ends: neighbours[spot] of the rank above or below.
using Neighbours = std::vector<std::vector<std::size_t>>;

std::vector<std::size_t> positions(const Ranks& ranks) {
  std::vector<std::size_t> at(ranks.spots.size());
  for (const auto& row : ranks.order) {
    for (std::size_t i = 0; i < row.size(); ++i) at[row[i]] = i;
  }
  return at;
}

// How many links cross, with a Fenwick tree over the lower ends.
std::size_t crossings(const Ranks& ranks, const Neighbours& below) {
  const std::vector<std::size_t> at = positions(ranks);
  std::size_t total = 0;
  for (std::size_t r = 0; r + 1 < ranks.order.size(); ++r) {
    std::vector<std::size_t> tree(ranks.order[r + 1].size() + 1);
    std::size_t seen = 0;
    for (const std::size_t spot : ranks.order[r]) {
      for (const std::size_t lower : below[spot]) {
        std::size_t not_right = 0;  // earlier links that end here or left of it
        for (std::size_t i = at[lower] + 1; i > 0; i &= i - 1) not_right += tree[i];
        total += seen - not_right;
      }
      for (const std::size_t lower : below[spot]) {
        for (std::size_t i = at[lower] + 1; i < tree.size(); i += i & (~i + 1)) ++tree[i];
        ++seen;
      }
    }
  }
  return total;
}

// Sorts a rank by the mean position of its spots' neighbours; those without any stay where they are.
void sort_by_neighbours(std::vector<std::size_t>& row, const Neighbours& neighbours,
                        std::vector<std::size_t>& at) {
  std::vector<std::pair<double, std::size_t>> keys;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto& beside = neighbours[row[i]];
    double sum = beside.empty() ? static_cast<double>(i) : 0;
    for (const std::size_t spot : beside) sum += static_cast<double>(at[spot]);
    keys.emplace_back(beside.empty() ? sum : sum / static_cast<double>(beside.size()), row[i]);
  }
  std::ranges::stable_sort(keys, {}, [](const auto& key) { return key.first; });
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = keys[i].second;
    at[row[i]] = i;
  }
}

}  // namespace

Ranks rank(std::size_t boxes, std::span<const Arrow> arrows) {
  Ranks ranks;
  for (const std::size_t at : ranks_of(boxes, arrows)) ranks.spots.push_back({at, true});
  std::map<std::pair<std::size_t, std::size_t>, std::vector<std::size_t>> readers;
  for (const Arrow& arrow : arrows) readers[{arrow.from, arrow.port}].push_back(arrow.to);
  for (auto& [source, boxes_below] : readers) {
    std::ranges::sort(boxes_below);
    boxes_below.erase(std::unique(boxes_below.begin(), boxes_below.end()), boxes_below.end());
    const std::size_t from = ranks.spots[source.first].rank;
    std::size_t last = from;
    for (const std::size_t box : boxes_below) last = std::max(last, ranks.spots[box].rank);
    std::vector<std::size_t> trunk{source.first};
    for (std::size_t at = from + 1; at < last; ++at) {
      if (ranks.spots.size() == most_spots) {
        fail("the graph is too large to draw: its lines pass more than ", most_spots, " places");
      }
      ranks.links.push_back({trunk.back(), ranks.spots.size()});
      trunk.push_back(ranks.spots.size());
      ranks.spots.push_back({at, false});
    }
    if (trunk.size() > 1) ranks.ways.push_back({trunk, false});
    for (const std::size_t box : boxes_below) {
      const std::size_t above = trunk[ranks.spots[box].rank - 1 - from];
      ranks.links.push_back({above, box});
      ranks.ways.push_back({{above, box}, true});
    }
  }
  for (std::size_t i = 0; i < ranks.spots.size(); ++i) {
    const std::size_t at = ranks.spots[i].rank;
    if (ranks.order.size() <= at) ranks.order.resize(at + 1);
    ranks.order[at].push_back(i);
  }
  return ranks;
}

void order(Ranks& ranks) {
  Neighbours above(ranks.spots.size()), below(ranks.spots.size());
  for (const Link& link : ranks.links) {
    above[link.lower].push_back(link.upper);
    below[link.upper].push_back(link.lower);
  }
  const int sweeps = ranks.spots.size() > 20'000 ? 4 : 16;
  std::vector<std::size_t> at = positions(ranks);
  auto best = ranks.order;
  std::size_t fewest = SIZE_MAX;
  for (int sweep = 0; sweep < sweeps && fewest > 0; ++sweep) {
    const std::size_t count = ranks.order.size();
    for (std::size_t i = 0; i < count; ++i) {
      const bool down = sweep % 2 == 0;
      sort_by_neighbours(ranks.order[down ? i : count - 1 - i], down ? above : below, at);
    }
    const std::size_t now = crossings(ranks, below);
    if (now >= fewest) continue;
    fewest = now;
    best = ranks.order;
  }
  ranks.order = std::move(best);
}

}  // namespace nn::draw
