#include <cmath>
#include <gtest/gtest.h>
#include <vector>

#include <nn/draw/layout.h>
#include <nn/draw/ranks.h>
#include <nn/error.h>

namespace {

using nn::draw::Arrow;
using nn::draw::Layout;
using nn::draw::Size;

constexpr Size box{60, 20};

Layout lay_out(std::size_t boxes, const std::vector<Arrow>& arrows) {
  return nn::draw::lay_out(std::vector<Size>(boxes, box), arrows);
}

bool overlap(nn::draw::Point a, nn::draw::Point b) {
  return std::abs(a.x - b.x) < box.width && std::abs(a.y - b.y) < box.height;
}

void expect_sound(const Layout& layout, const std::vector<Arrow>& arrows) {
  for (const Arrow& arrow : arrows) {
    EXPECT_LT(layout.corners[arrow.from].y + box.height, layout.corners[arrow.to].y);
  }
  for (std::size_t i = 0; i < layout.corners.size(); ++i) {
    const auto& corner = layout.corners[i];
    EXPECT_GE(corner.x, 0);
    EXPECT_LE(corner.x + box.width, layout.size.width);
    EXPECT_LE(corner.y + box.height, layout.size.height);
    for (std::size_t k = 0; k < i; ++k) EXPECT_FALSE(overlap(corner, layout.corners[k])) << i;
  }
  // No line passes through a box.
  for (const auto& line : layout.lines) {
    for (std::size_t p = 0; p + 1 < line.points.size(); ++p) {
      const auto &a = line.points[p], &b = line.points[p + 1];
      if (a.x != b.x) continue;
      for (const auto& corner : layout.corners) {
        const bool beside = a.x <= corner.x || a.x >= corner.x + box.width;
        const bool apart = b.y <= corner.y || a.y >= corner.y + box.height;
        EXPECT_TRUE(beside || apart);
      }
    }
  }
}

TEST(Layout, AChainIsStraight) {
  const std::vector<Arrow> arrows{{0, 0, 1}, {1, 0, 2}, {2, 0, 3}};
  const Layout layout = lay_out(4, arrows);
  expect_sound(layout, arrows);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_NEAR(layout.corners[i].x, layout.corners[0].x, 1e-6);
}

TEST(Layout, AResidualConnectionPassesBesideItsBranch) {
  const std::vector<Arrow> arrows{{0, 0, 1}, {1, 0, 2}, {2, 0, 3}, {0, 0, 3}, {3, 0, 4}};
  const Layout layout = lay_out(5, arrows);
  expect_sound(layout, arrows);
  std::size_t ends = 0;
  for (const auto& line : layout.lines) ends += line.arrow ? 1 : 0;
  EXPECT_EQ(ends, arrows.size());
}

TEST(Layout, SkipsOfAUNetAreNestedWithoutCrossings) {
  // Down 0 1 2 3, up 4 5 6 that read 2, 1, 0, too.
  const std::vector<Arrow> arrows{{0, 0, 1}, {1, 0, 2}, {2, 0, 3}, {3, 0, 4}, {2, 0, 4},
                                  {4, 0, 5}, {1, 0, 5}, {5, 0, 6}, {0, 0, 6}};
  const Layout layout = lay_out(7, arrows);
  expect_sound(layout, arrows);
  nn::draw::Ranks ranks = nn::draw::rank(7, arrows);
  nn::draw::order(ranks);
  for (std::size_t a = 0; a < ranks.links.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const auto at = [&](std::size_t spot) {
        const auto& row = ranks.order[ranks.spots[spot].rank];
        return std::find(row.begin(), row.end(), spot) - row.begin();
      };
      const auto &p = ranks.links[a], &q = ranks.links[b];
      if (ranks.spots[p.upper].rank != ranks.spots[q.upper].rank) continue;
      EXPECT_GE((at(p.upper) - at(q.upper)) * (at(p.lower) - at(q.lower)), 0);
    }
  }
}

TEST(Layout, BoxesThatReadManyKeepApart) {
  std::vector<Arrow> arrows;  // each reads all before it, as DenseNet's
  for (std::size_t to = 1; to < 12; ++to) {
    for (std::size_t from = 0; from < to; ++from) arrows.push_back({from, 0, to});
  }
  expect_sound(lay_out(12, arrows), arrows);
}

TEST(Layout, SeveralInputsStandAboveTheirReaders) {
  const std::vector<Arrow> arrows{{0, 0, 2}, {2, 0, 3}, {1, 0, 4}, {3, 0, 4}};
  const Layout layout = lay_out(5, arrows);
  expect_sound(layout, arrows);
  EXPECT_EQ(layout.corners[1].y, layout.corners[3].y);
}

TEST(Layout, RefusesWhatWouldTakeTooManyLines) {
  std::vector<Arrow> arrows;
  constexpr std::size_t count = 1000;  // 1000 values that pass up to 1000 ranks: half a million
  for (std::size_t i = 0; i + 1 < count; ++i) arrows.push_back({i, 0, i + 1});
  for (std::size_t i = 0; i + 1 < count; ++i) arrows.push_back({i, 1, count - 1});
  EXPECT_THROW(lay_out(count, arrows), nn::Error);
}

}  // namespace
