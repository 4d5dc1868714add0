// Per-target include: the tiles that pass all output channels together, where their values stand
// and how their outputs reach the image.
#if defined(RUSHLIGHT_WINOGRAD_GROUP_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef RUSHLIGHT_WINOGRAD_GROUP_INL
#undef RUSHLIGHT_WINOGRAD_GROUP_INL
#else
#define RUSHLIGHT_WINOGRAD_GROUP_INL
#endif

#include <hwy/highway.h>

#include <nn/kernels/winograd_grid.h>
#include <nn/kernels/winograd_tile_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {

constexpr int block_units = 4;  // that one product takes

// Tiles of M × M outputs that are finished at once: those of two units (M = 4) or of one.
template <int M>
constexpr int step_tiles = M == 4 ? 2 * slots : slots;

struct Tile {
  float* values = nullptr;  // its first value at points for input channel 0
  std::int64_t block = 1;  // units of its block: from input channel to channel `values` moves by as
                           // many vectors
  std::int64_t unit = 0, slot = 0;     // where it stands
  std::int64_t other = -1;             // the tile in the unit's other slot, if there is one
  std::int64_t row = 0, column = 0;    // its first pixel of input, with the border
  std::int64_t to = 0;                 // its first pixel of output in the image of output channel 0
  std::int64_t rows = 0, columns = 0;  // how many of its outputs exist
};

// Neighbouring outputs in the image, `columns` of `rows` rows.
struct Run {
  std::int64_t to = 0;
  std::int64_t rows = 0, columns = 0;
};

// The outputs of a step: each half of its vectors is a run, or all of them are one; or tiles whose
// neighbours stand elsewhere go into the image one by one.
enum class Layout : std::uint8_t { apart, halves, together };
struct Step {
  Layout layout = Layout::apart;
  Run run[2];
};

// Tiles [begin, begin + count) of all images' tiles, their units in blocks that the products take
// at once.
struct Group {
  std::int64_t begin = 0, count = 0, units = 0, blocks = 0;
  std::int64_t block_size[most_tiles] = {};
  Tile tile[most_tiles];
  Step step[most_tiles];
};

// Units of four tiles of M = 4 take them crosswise, tiles 0 and 2, 1 and 3: finished together, the
// four stand in order.
template <int M>
void place_tile(std::int64_t t, std::int64_t count, Tile& tile) {
  if (M == 4 && slots == 2) {
    const std::int64_t first = t / 4 * 4, i = t - first;
    const bool one_unit = count - first <= 2;
    tile.unit = first / 2 + (one_unit ? 0 : i % 2);
    tile.slot = one_unit ? i : i / 2;
    tile.other = first + (one_unit ? 1 - i : (i + 2) % 4);
  } else {
    tile.unit = t / slots;
    tile.slot = t % slots;
    tile.other = slots == 2 ? t - t % 2 + (1 - t % 2) : -1;
  }
  if (tile.other >= count) tile.other = -1;
}

// The outputs of tiles [first, last) as one run, if the tiles stand side by side.
template <int M>
bool join(const Group& group, std::int64_t first, std::int64_t last, Run& run) {
  const Tile* const tile = group.tile;
  run = {tile[first].to, tile[first].rows, 0};
  for (std::int64_t t = first; t < last; ++t) {
    if (t > first && tile[t].column != tile[t - 1].column + M) return false;
    run.columns += tile[t].columns;
  }
  return true;
}

template <int M>
Step plan_step(const Group& group, std::int64_t first) {
  const std::int64_t last = std::min<std::int64_t>(first + step_tiles<M>, group.count);
  Step step;
  if (M == 4 && slots == 2 && last - first > 2 && join<M>(group, first, last, step.run[0])) {
    step.layout = Layout::together;
    return step;
  }
  const std::int64_t half = group.tile[last - 1].slot == 0 ? last
                            : M == 4 && last - first > 2   ? first + 2
                                                           : first + 1;
  if (join<M>(group, first, half, step.run[0]) &&
      (half == last || join<M>(group, half, last, step.run[1]))) {
    step.layout = Layout::halves;
  }
  return step;
}

template <int M>
void plan_group(const ConvShape& s, const TileGrid& grid, bool max_pool, float* values,
                Group& group) {
  const std::int64_t side = max_pool ? M / 2 : M;  // of a tile's outputs
  const std::int64_t y_h = max_pool ? s.windows.out_h / 2 : s.windows.out_h;
  const std::int64_t y_w = max_pool ? s.windows.out_w / 2 : s.windows.out_w;
  group.units = (group.count + slots - 1) / slots;
  group.blocks = 0;
  std::int64_t block_of[most_tiles], begin_of[most_tiles];  // by unit
  std::int64_t unit = 0;
  for (Parts parts(group.units, block_units); parts.next(group.block_size[group.blocks]);
       ++group.blocks) {
    const std::int64_t begin = unit;
    for (; unit < begin + group.block_size[group.blocks]; ++unit) {
      block_of[unit] = group.block_size[group.blocks];
      begin_of[unit] = begin;
    }
  }
  for (std::int64_t t = 0; t < group.count; ++t) {
    const std::int64_t image = (group.begin + t) / grid.count;
    const std::int64_t row = (group.begin + t) % grid.count / grid.columns;
    const std::int64_t column = (group.begin + t) % grid.columns;
    Tile& tile = group.tile[t];
    tile = {.row = row * M,
            .column = column * M,
            .to = (image * s.out_channels * y_h + row * side) * y_w + column * side,
            .rows = std::min(side, y_h - row * side),
            .columns = std::min(side, y_w - column * side)};
    place_tile<M>(t, group.count, tile);
    const std::int64_t begin = begin_of[tile.unit];
    tile.block = block_of[tile.unit];
    tile.values = values + 64 * slots * s.in_channels * begin + (tile.unit - begin) * wide_lanes +
                  tile.slot * point_lanes;
  }
  for (std::int64_t t = 0; t < group.count; t += step_tiles<M>) {
    group.step[t / step_tiles<M>] = plan_step<M>(group, t);
  }
}

// A tile's outputs, rows of `stride` floats, into the image. Eight floats of each are read.
HWY_INLINE void store_tile(const float* from, int stride, const Tile& tile, std::int64_t width,
                           float* image) {
  float* y = image + tile.to;
#if HWY_MAX_BYTES >= 32
  const auto mask = hn::FirstN(eight, static_cast<std::size_t>(tile.columns));
#endif
  for (std::int64_t r = 0; r < tile.rows; ++r, from += stride, y += width) {
#if HWY_MAX_BYTES >= 32
    hn::BlendedStore(hn::LoadU(eight, from), mask, eight, y);
#else
    for (std::int64_t i = 0; i < tile.columns; ++i) y[i] = from[i];
#endif
  }
}

#if HWY_MAX_BYTES >= 32
// Eight lanes, and four, of a vector.
template <int I>
HWY_INLINE EightVector eight_of(WideVector v) {
#if HWY_MAX_BYTES < 64
  return v;
#else
  if constexpr (I == 0) {
    return hn::LowerHalf(eight, v);
  } else {
    return hn::UpperHalf(eight, v);
  }
#endif
}
template <int I>
HWY_INLINE auto four_of(WideVector v) {
  constexpr hn::Half<Eight> four;
  if constexpr (I % 2 == 0) {
    return hn::LowerHalf(four, eight_of<I / 2>(v));
  } else {
    return hn::UpperHalf(four, eight_of<I / 2>(v));
  }
}

// The run in half I.
template <int M, int I>
HWY_INLINE void store_half(const WideVector (&y)[M], bool max_pool, const Run& run,
                           std::int64_t y_w, float* image) {
  float* const to = image + run.to;
  if (max_pool) {
    constexpr hn::Half<Eight> four;
    const auto mask = hn::FirstN(four, static_cast<std::size_t>(run.columns));
    if (run.rows > 0) hn::BlendedStore(four_of<I>(y[0]), mask, four, to);
    if (run.rows > 1) hn::BlendedStore(four_of<slots + I>(y[0]), mask, four, to + y_w);
    if constexpr (M == 6) {
      if (run.rows > 2) hn::BlendedStore(four_of<I>(y[1]), mask, four, to + 2 * y_w);
    }
    return;
  }
  const auto mask = hn::FirstN(eight, static_cast<std::size_t>(run.columns));
  HWY_UNROLL(8)
  for (int i = 0; i < M; ++i) {
    if (i < run.rows) hn::BlendedStore(eight_of<I>(y[i]), mask, eight, to + i * y_w);
  }
}

// One run of all lanes.
HWY_INLINE void store_together(const WideVector (&y)[4], bool max_pool, const Run& run,
                               std::int64_t y_w, float* image) {
  float* const to = image + run.to;
  if (max_pool) {
    const auto mask = hn::FirstN(eight, static_cast<std::size_t>(run.columns));
    if (run.rows > 0) hn::BlendedStore(eight_of<0>(y[0]), mask, eight, to);
    if (run.rows > 1) hn::BlendedStore(eight_of<slots - 1>(y[0]), mask, eight, to + y_w);
    return;
  }
  const auto mask = hn::FirstN(wide, static_cast<std::size_t>(run.columns));
  HWY_UNROLL(4)
  for (int i = 0; i < 4; ++i) {
    if (i < run.rows) hn::BlendedStore(y[i], mask, wide, to + i * y_w);
  }
}

// The outputs of `finish_units` into the image: tiles from `first` on.
template <int M>
HWY_INLINE void store_step(const WideVector (&y)[M], int vectors, bool max_pool, const Group& group,
                           std::int64_t first, std::int64_t y_w, float* image) {
  const Step& step = group.step[first / step_tiles<M>];
  if constexpr (M == 4) {
    if (step.layout == Layout::together) {
      return store_together(y, max_pool, step.run[0], y_w, image);
    }
  }
  if (step.layout == Layout::halves) {
    store_half<M, 0>(y, max_pool, step.run[0], y_w, image);
    if constexpr (slots == 2) store_half<M, 1>(y, max_pool, step.run[1], y_w, image);
    return;
  }
  HWY_ALIGN float buffer[wide_lanes * M + 8];  // and what reading eight behind its last tile meets
  for (int i = 0; i < vectors; ++i) hn::Store(y[i], wide, buffer + wide_lanes * i);
  const int shrink = max_pool ? 2 : 1;
  const Tile* const tile = group.tile + first;
  const auto count = std::min<std::int64_t>(step_tiles<M>, group.count - first);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t lane = tile[i].slot * 8 + (M == 4 ? tile[i].unit % 2 * 4 : 0);
    store_tile(buffer + lane / shrink, wide_lanes / shrink, tile[i], y_w, image);
  }
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#endif
