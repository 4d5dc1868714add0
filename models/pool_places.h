#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <models/net_chain.h>

namespace models {

// Where pools stand in a chain that begins with pictures.
struct PoolPlaces {
  std::vector<std::size_t> before;  // the links that they stand before, ascending; size(): the end
  bool global = false;  // the mean over each plane comes where the flattened planes do not fit
};

// The shape behind a link; nothing where it does not take its input. Before a Linear or BatchNorm1d
// planes are flattened if a function may stand there; with `global` their mean is taken then.
std::optional<nn::Shape> shape_behind(const Link& link, const nn::Shape& in, bool global);

// The ways to place `pool` at some of `places` so that the chain takes an input of this shape, at
// most 64; those without a global mean if there are any. Most conventional first. With more than
// 16 places none get a pool.
std::vector<PoolPlaces> find_pools(const std::vector<Link>& chain,
                                   const std::vector<std::size_t>& places, const nn::Module& pool,
                                   const nn::Shape& input);

}  // namespace models
