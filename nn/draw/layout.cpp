#include <algorithm>
#include <limits>

#include <nn/draw/layout.h>
#include <nn/draw/ranks.h>

namespace nn::draw {
namespace {

constexpr double margin = 16;
constexpr double between_boxes = 24;
constexpr double between_lines = 12;
constexpr double between_ranks = 30;
constexpr double between_arrows = 12;  // where they meet one box

// A link pulls its ends above each other: lines that pass ranks are to be straight before all, then
// what boxes hand on to the next.
double pull(const Ranks& ranks, const Link& link) {
  const int boxes = (ranks.spots[link.upper].box ? 1 : 0) + (ranks.spots[link.lower].box ? 1 : 0);
  return boxes == 0 ? 8 : boxes == 2 ? 6 : 1;
}

// Moves one rank's centres as near to what they wish as their order and distances allow, by least
// squares: pools neighbours whose wishes overlap, as in isotonic regression.
void settle(std::span<const std::size_t> row, std::span<const double> widths,
            std::span<const double> gaps, std::span<const double> wishes,
            std::span<const double> weights, std::vector<double>& centres) {
  struct Pool {
    double weight, sum;  // of wishes, each less its distance from the rank's first spot
    std::size_t first;
    double mean() const { return sum / weight; }
  };
  std::vector<double> from_first(row.size());
  std::vector<Pool> pools;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) from_first[i] = from_first[i - 1] + (widths[i - 1] + widths[i]) / 2 + gaps[i];
    Pool pool{weights[i], weights[i] * (wishes[i] - from_first[i]), i};
    while (!pools.empty() && pools.back().mean() >= pool.mean()) {
      pool = {pool.weight + pools.back().weight, pool.sum + pools.back().sum, pools.back().first};
      pools.pop_back();
    }
    pools.push_back(pool);
  }
  for (std::size_t p = 0; p < pools.size(); ++p) {
    const std::size_t end = p + 1 < pools.size() ? pools[p + 1].first : row.size();
    for (std::size_t i = pools[p].first; i < end; ++i) {
      centres[row[i]] = pools[p].mean() + from_first[i];
    }
  }
}

// The centres of all spots from left to right.
std::vector<double> centres_of(const Ranks& ranks, std::span<const Size> boxes) {
  struct Neighbour {
    std::size_t spot;
    double pull;
  };
  std::vector<std::vector<Neighbour>> above(ranks.spots.size()), below(ranks.spots.size());
  for (const Link& link : ranks.links) {
    above[link.lower].push_back({link.upper, pull(ranks, link)});
    below[link.upper].push_back({link.lower, pull(ranks, link)});
  }
  const auto width = [&](std::size_t spot) { return spot < boxes.size() ? boxes[spot].width : 0; };
  std::vector<double> centres(ranks.spots.size());
  std::vector<double> widths, gaps, wishes, weights;
  const auto place = [&](std::size_t r, bool from_above, bool from_below) {
    const auto& row = ranks.order[r];
    widths.clear(), gaps.clear(), wishes.clear(), weights.clear();
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::size_t spot = row[i];
      widths.push_back(width(spot));
      const bool lines = i > 0 && !ranks.spots[spot].box && !ranks.spots[row[i - 1]].box;
      gaps.push_back(lines ? between_lines : between_boxes);
      double weight = 1e-3, sum = weight * centres[spot];  // where nothing pulls it stays
      const auto add = [&](const std::vector<Neighbour>& neighbours) {
        for (const Neighbour& n : neighbours) {
          weight += n.pull;
          sum += n.pull * centres[n.spot];
        }
      };
      if (from_above) add(above[spot]);
      if (from_below) add(below[spot]);
      wishes.push_back(sum / weight);
      weights.push_back(weight);
    }
    settle(row, widths, gaps, wishes, weights, centres);
  };
  const std::size_t count = ranks.order.size();
  const int sweeps = ranks.spots.size() > 20'000 ? 3 : 12;
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    const bool last = sweep + 2 >= sweeps;
    for (std::size_t r = 0; r < count; ++r) place(r, true, last);
    for (std::size_t r = count; r-- > 0;) place(r, last, true);
  }
  double left = std::numeric_limits<double>::max();
  for (std::size_t i = 0; i < centres.size(); ++i) left = std::min(left, centres[i] - width(i) / 2);
  for (double& centre : centres) centre += margin - left;
  return centres;
}

}  // namespace

Layout lay_out(std::span<const Size> boxes, std::span<const Arrow> arrows) {
  Layout layout;
  if (boxes.empty()) return layout;
  Ranks ranks = rank(boxes.size(), arrows);
  order(ranks);
  const std::vector<double> centres = centres_of(ranks, boxes);

  std::vector<double> top, bottom;  // of each rank
  for (const auto& row : ranks.order) {
    double height = 0;
    for (const std::size_t spot : row) {
      if (ranks.spots[spot].box) height = std::max(height, boxes[spot].height);
    }
    top.push_back(top.empty() ? margin : bottom.back() + between_ranks);
    bottom.push_back(top.back() + height);
  }
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    layout.corners.push_back({centres[i] - boxes[i].width / 2, top[ranks.spots[i].rank]});
    layout.size.width = std::max(layout.size.width, centres[i] + boxes[i].width / 2 + margin);
  }
  for (const double centre : centres) {
    layout.size.width = std::max(layout.size.width, centre + margin);
  }
  layout.size.height = bottom.back() + margin;

  // Where arrows meet a box: side by side, in the order in which they come.
  std::vector<std::vector<double>> coming(boxes.size());
  for (const auto& way : ranks.ways) {
    if (way.arrow) coming[way.spots[1]].push_back(centres[way.spots[0]]);
  }
  for (auto& from : coming) std::ranges::sort(from);
  const auto meeting = [&](std::size_t box, double from) {
    const auto& all = coming[box];
    const double step =
        std::min(between_arrows, boxes[box].width / static_cast<double>(all.size() + 1));
    const auto nth = static_cast<double>(std::ranges::lower_bound(all, from) - all.begin());
    return centres[box] + step * (nth - static_cast<double>(all.size() - 1) / 2);
  };
  for (const auto& way : ranks.ways) {
    Line line{{}, way.arrow};
    for (std::size_t i = 0; i < way.spots.size(); ++i) {
      const std::size_t spot = way.spots[i];
      const std::size_t at = ranks.spots[spot].rank;
      if (i == 0) {  // out of a box, or out of the trunk
        const double from = spot < boxes.size() ? top[at] + boxes[spot].height : bottom[at];
        line.points.push_back({centres[spot], from});
        line.points.push_back({centres[spot], bottom[at]});
      } else if (way.arrow) {
        line.points.push_back({meeting(spot, centres[way.spots[0]]), top[at]});
      } else {
        line.points.push_back({centres[spot], top[at]});
        line.points.push_back({centres[spot], bottom[at]});
      }
    }
    layout.lines.push_back(std::move(line));
  }
  return layout;
}

}  // namespace nn::draw
