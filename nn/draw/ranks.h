#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <nn/draw/layout.h>

namespace nn::draw {

// A place in a rank: a box, or where a line passes.
struct Spot {
  std::size_t rank = 0;
  bool box = true;
};

// Spots of neighbouring ranks that a line joins, the upper first.
struct Link {
  std::size_t upper = 0, lower = 0;
};

// Boxes and lines cut at every rank. Spots below boxes.size() are the boxes.
struct Ranks {
  std::vector<Spot> spots;
  std::vector<Link> links;
  std::vector<std::vector<std::size_t>> order;  // of each rank, the spots from left to right
  // Lines: the spots that each goes through; the trunk of a value, then from it to each reader.
  struct Way {
    std::vector<std::size_t> spots;
    bool arrow = false;
  };
  std::vector<Way> ways;
};

// Ranks by the longest path from above; orders as they come. Throws Error when there are too many
// spots.
Ranks rank(std::size_t boxes, std::span<const Arrow> arrows);

// Orders the spots of each rank so that few links cross.
void order(Ranks& ranks);

}  // namespace nn::draw
