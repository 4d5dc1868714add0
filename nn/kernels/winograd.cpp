#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/winograd.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <nn/kernels/simd_inl.h>
#include <nn/kernels/winograd.h>
#include <nn/kernels/winograd_grid.h>
#include <nn/kernels/winograd_points.h>
#include <nn/kernels/winograd_tile_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

// A block of output channels × tiles fills the registers: 24 sums of 32 registers, 12 of 16.
#if HWY_MAX_BYTES >= 64 || HWY_ARCH_ARM_A64
constexpr int block_channels = 6;
#else
constexpr int block_channels = 3;
#endif
constexpr int block_tiles = 4;
constexpr int chunk_count = 64 / wide_lanes;  // vectors that hold the 64 values of a tile

// to[0 … count) = from, without the call that memcpy is for short rows.
HWY_INLINE void copy_row(const float* from, std::int64_t count, float* to) {
  std::int64_t i = 0;
  for (; i + eight_lanes <= count; i += eight_lanes) {
    hn::StoreU(hn::LoadU(eight, from + i), eight, to + i);
  }
  for (; i < count; ++i) to[i] = from[i];
}

// sums[o, t, …] = Σ_c u[c, o, …] v[c, t, …] for one chunk of the 64 values.
template <int Channels, int Tiles>
void multiply(std::int64_t in_channels, const float* HWY_RESTRICT u, const float* HWY_RESTRICT v,
              float* HWY_RESTRICT sums, std::int64_t channel_step) {
  using V = hn::Vec<Wide>;
  V sum[Channels][Tiles];
  HWY_UNROLL(8)
  for (int o = 0; o < Channels; ++o) {
    HWY_UNROLL(8)
    for (int t = 0; t < Tiles; ++t) sum[o][t] = hn::Zero(wide);
  }
  for (std::int64_t c = 0; c < in_channels;
       ++c, u += Channels * wide_lanes, v += Tiles * wide_lanes) {
    V weight[Channels];
    HWY_UNROLL(8)
    for (int o = 0; o < Channels; ++o) weight[o] = hn::Load(wide, u + o * wide_lanes);
    HWY_UNROLL(8)
    for (int t = 0; t < Tiles; ++t) {
      const V x = hn::Load(wide, v + t * wide_lanes);
      HWY_UNROLL(8)
      for (int o = 0; o < Channels; ++o) sum[o][t] = hn::MulAdd(weight[o], x, sum[o][t]);
    }
  }
  HWY_UNROLL(8)
  for (int o = 0; o < Channels; ++o) {
    HWY_UNROLL(8)
    for (int t = 0; t < Tiles; ++t) hn::Store(sum[o][t], wide, sums + o * channel_step + t * 64);
  }
}

using Multiply = void (*)(std::int64_t, const float* HWY_RESTRICT, const float* HWY_RESTRICT,
                          float* HWY_RESTRICT, std::int64_t);

template <int Channels>
Multiply multiply_for(std::int64_t channels, std::int64_t tiles) {
  if constexpr (Channels > 1) {
    if (channels < Channels) return multiply_for<Channels - 1>(channels, tiles);
  }
  switch (tiles) {
    case 1:
      return multiply<Channels, 1>;
    case 2:
      return multiply<Channels, 2>;
    case 3:
      return multiply<Channels, 3>;
    default:
      return multiply<Channels, 4>;
  }
}

// One tile of a group.
struct Tile {
  float* values = nullptr;  // its first value at points for input channel 0
  std::int64_t block =
      1;  // tiles of its block: from input channel to channel `values` moves by as many vectors
  std::int64_t row = 0, column = 0;    // its first pixel of input, with the border
  std::int64_t to = 0;                 // its first pixel of output in the image of output channel 0
  std::int64_t rows = 0, columns = 0;  // how many of its outputs exist
  bool whole = false;                  // all of them do
  bool before_whole = false;           // also of the next tile, which stands to its right
};

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

// A group of tiles [begin, begin + count) of all images' tiles, in blocks that the products take at
// once.
struct Group {
  std::int64_t begin = 0, count = 0, blocks = 0;
  std::int64_t block_size[most_tiles] = {};
  Tile tile[most_tiles];
};

template <int M>
void plan_group(const ConvShape& s, const TileGrid& grid, bool max_pool, float* values,
                Group& group) {
  const std::int64_t side = max_pool ? M / 2 : M;  // of a tile's outputs
  const std::int64_t y_h = max_pool ? s.windows.out_h / 2 : s.windows.out_h;
  const std::int64_t y_w = max_pool ? s.windows.out_w / 2 : s.windows.out_w;
  std::int64_t t = 0;
  group.blocks = 0;
  for (Parts parts(group.count, block_tiles); parts.next(group.block_size[group.blocks]);
       ++group.blocks) {
    const std::int64_t size = group.block_size[group.blocks];
    for (std::int64_t i = 0; i < size; ++i, ++t) {
      const std::int64_t image = (group.begin + t) / grid.count;
      const std::int64_t row = (group.begin + t) % grid.count / grid.columns;
      const std::int64_t column = (group.begin + t) % grid.columns;
      group.tile[t] = {.values = values + 64 * s.in_channels * (t - i) + i * wide_lanes,
                       .block = size,
                       .row = row * M,
                       .column = column * M,
                       .to = (image * s.out_channels * y_h + row * side) * y_w + column * side,
                       .rows = std::min(side, y_h - row * side),
                       .columns = std::min(side, y_w - column * side)};
      group.tile[t].whole = group.tile[t].rows == side && group.tile[t].columns == side;
      if (t > 0) {
        const Tile& next = group.tile[t];
        Tile& last = group.tile[t - 1];
        last.before_whole = last.whole && next.whole && last.to + side == next.to;
      }
    }
  }
}

// The group's input tiles into values at points, image by image and channel by channel.
void group_at_points(const ConvShape& s, const TileGrid& grid, const Group& group, const float* x,
                     float* bordered) {
  const Windows& w = s.windows;
  for (std::int64_t first = 0, last = 0; first < group.count; first = last) {
    const std::int64_t image = (group.begin + first) / grid.count;
    last = std::min(group.count, (image + 1) * grid.count - group.begin);
    // The rows of the image that these tiles see.
    const std::int64_t top = std::max<std::int64_t>(group.tile[first].row - w.top, 0);
    const std::int64_t bottom = std::min(group.tile[last - 1].row + 8 - w.top, w.height);
    const float* plane = x + image * s.in_channels * w.height * w.width;
    for (std::int64_t c = 0; c < s.in_channels; ++c, plane += w.height * w.width) {
      const float* pixels = plane;
      std::int64_t stride = w.width;
      if (!grid.inside) {
        pixels = bordered;
        stride = grid.reach_w;
        for (std::int64_t h = top; h < bottom; ++h) {
          copy_row(plane + h * w.width, w.width, bordered + (h + w.top) * stride + w.left);
        }
      }
      for (std::int64_t t = first; t < last; ++t) {
        const Tile& tile = group.tile[t];
        tile_at_points(pixels + tile.row * stride + tile.column, stride,
                       tile.values + c * tile.block * wide_lanes,
                       s.in_channels * tile.block * wide_lanes);
      }
    }
  }
}

// sums [size, group_size, 64] of one block of output channels.
const float* group_products(std::int64_t in, std::int64_t size, const Group& group,
                            const float* values, const float* u, float* sums,
                            std::int64_t group_size) {
  for (int chunk = 0; chunk < chunk_count; ++chunk, u += in * size * wide_lanes) {
    std::int64_t tile = 0;
    for (std::int64_t b = 0; b < group.blocks; ++b) {
      const std::int64_t block = group.block_size[b];
      multiply_for<block_channels>(size, block)(
          in, u, values + 64 * in * tile + chunk * in * block * wide_lanes,
          sums + 64 * tile + chunk * wide_lanes, 64 * group_size);
      tile += block;
    }
  }
  return u;
}

#if HWY_MAX_BYTES >= 32
// `finish_tiles` into the image: at once where the tile (M = 6) or two side by side (M = 4) are
// whole, else pixel by pixel.
template <int M>
HWY_INLINE void store_tiles(const EightVector (&y)[M], int vectors, const Epilogue& epilogue,
                            const Tile& tile, const Tile* second, bool whole, std::int64_t y_w,
                            float* image) {
  const hn::Half<Eight> four;
  float* const to = image + tile.to;
  if (whole && epilogue.max_pool) {
    const auto mask = hn::FirstN(four, M == 4 ? 4 : 3);
    hn::BlendedStore(hn::LowerHalf(four, y[0]), mask, four, to);
    hn::BlendedStore(hn::UpperHalf(four, y[0]), mask, four, to + y_w);
    if constexpr (M == 6) hn::BlendedStore(hn::LowerHalf(four, y[1]), mask, four, to + 2 * y_w);
    return;
  }
  if (whole) {
    const auto mask = hn::FirstN(eight, M == 4 ? 8 : 6);
    HWY_UNROLL(8)
    for (int i = 0; i < M; ++i) hn::BlendedStore(y[i], mask, eight, to + i * y_w);
    return;
  }
  HWY_ALIGN float buffer[8 * M + 8];  // and what reading eight behind its last tile meets
  for (int i = 0; i < vectors; ++i) hn::Store(y[i], eight, buffer + 8 * i);
  const int stride = epilogue.max_pool ? 4 : 8;
  const int side = epilogue.max_pool ? M / 2 : M;
  store_tile(buffer, stride, tile, y_w, image);
  if (second != nullptr) store_tile(buffer + side, stride, *second, y_w, image);
}
#endif

// One output channel of the group, from its sums [count, 64] into its plane of each image.
template <int M>
void group_outputs(const Group& group, const float* sums, float bias, const Epilogue& epilogue,
                   std::int64_t y_w, float* y) {
#if HWY_MAX_BYTES >= 32
  constexpr int at_once = M == 4 ? 2 : 1;
  const EightVector b = hn::Set(eight, bias + 0.0F);  // as finish_plane
  for (std::int64_t t = 0; t < group.count; t += at_once, sums += 64 * at_once) {
    const bool pair = at_once == 2 && t + 1 < group.count;
    EightVector outputs[M];
    const int vectors = finish_tiles<M>(sums, pair ? sums + 64 : sums, b, epilogue, outputs);
    store_tiles<M>(outputs, vectors, epilogue, group.tile[t], pair ? &group.tile[t + 1] : nullptr,
                   M == 4 ? pair && group.tile[t].before_whole : group.tile[t].whole, y_w, y);
  }
#else
  HWY_ALIGN float buffer[64];
  for (std::int64_t t = 0; t < group.count; ++t, sums += 64) {
    HWY_ALIGN float rows[64];
    outputs_of<M>(sums, rows);
    finish_plane(rows, 8, M, M, bias, epilogue.relu, epilogue.max_pool, buffer);
    const int side = epilogue.max_pool ? M / 2 : M;
    store_tile(buffer, side, group.tile[t], y_w, y);
  }
#endif
}

// The first tile of part `index` of `count`: parts are whole blocks.
std::int64_t part_begins(std::int64_t tiles, std::int64_t index, std::int64_t count) {
  const std::int64_t blocks = (tiles + block_tiles - 1) / block_tiles;
  return std::min(blocks * index / count * block_tiles, tiles);
}

template <int M>
void run(const ConvShape& s, std::int64_t images, const float* x, const float* packed,
         const Epilogue& epilogue, const Part& part, float* y, float* scratch) {
  const TileGrid grid(s.windows);
  const std::int64_t tiles = images * grid.count;
  const std::int64_t end = part_begins(tiles, part.index + 1, part.count);
  const std::int64_t group_size = group_of(s.in_channels, tiles);
  float* const values = scratch;
  float* const sums = values + 64 * s.in_channels * group_size;
  float* const bordered = sums + 64 * block_channels * group_size;
  if (!grid.inside) std::fill_n(bordered, grid.reach_h * grid.reach_w, 0.0F);
  const std::int64_t shrink = epilogue.max_pool ? 2 : 1;
  const std::int64_t y_w = s.windows.out_w / shrink;
  const std::int64_t y_plane = s.windows.out_h / shrink * y_w;
  Group group;
  group.begin = part_begins(tiles, part.index, part.count);
  for (; group.begin < end; group.begin += group.count) {
    group.count = std::min(group_size, end - group.begin);
    plan_group<M>(s, grid, epilogue.max_pool, values, group);
    group_at_points(s, grid, group, x, bordered);
    const float* u = packed;
    std::int64_t channel = 0, size = 0;
    for (Parts parts(s.out_channels, block_channels); parts.next(size);) {
      u = group_products(s.in_channels, size, group, values, u, sums, group_size);
      for (std::int64_t o = 0; o < size; ++o, ++channel) {
        const float bias = epilogue.bias == nullptr ? 0.0F : epilogue.bias[channel];
        group_outputs<M>(group, sums + o * 64 * group_size, bias, epilogue, y_w,
                         y + channel * y_plane);
      }
    }
  }
}

void winograd_run(const ConvShape& s, std::int64_t images, const float* x, const float* packed,
                  const Epilogue& epilogue, const Part& part, float* y, float* scratch) {
  if (s.windows.kernel_h == 5) {
    run<4>(s, images, x, packed, epilogue, part, y, scratch);
  } else {
    run<6>(s, images, x, packed, epilogue, part, y, scratch);
  }
}

// [block of out channels][chunk, in, channel of the block, lanes]
void pack(const ConvShape& s, const float* weight, float* packed) {
  const std::int64_t r = s.windows.kernel_h;
  std::int64_t channel = 0, size = 0;
  for (Parts parts(s.out_channels, block_channels); parts.next(size); channel += size) {
    for (std::int64_t o = 0; o < size; ++o) {
      for (std::int64_t c = 0; c < s.in_channels; ++c) {
        float values[64];
        winograd_filter_2d(static_cast<int>(r),
                           weight + ((channel + o) * s.in_channels + c) * r * r, values);
        for (int i = 0; i < 64; ++i) {
          packed[((i / wide_lanes * s.in_channels + c) * size + o) * wide_lanes + i % wide_lanes] =
              values[i];
        }
      }
    }
    packed += 64 * size * s.in_channels;
  }
}

int channels_at_once() { return block_channels; }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {

bool winograd_serves(const Windows& w) {
  return w.kernel_h == w.kernel_w && (w.kernel_h == 3 || w.kernel_h == 5) && w.stride_h == 1 &&
         w.stride_w == 1 && w.dilation_h == 1 && w.dilation_w == 1;
}

void winograd_pack(const ConvShape& shape, const float* weight, float* packed) {
  RUSHLIGHT_DISPATCH(pack)(shape, weight, packed);
}

std::int64_t winograd_scratch(const ConvShape& shape, std::int64_t images) {
  const TileGrid grid(shape.windows);
  const std::int64_t group = group_of(shape.in_channels, images * grid.count);
  const std::int64_t border = grid.inside ? 0 : grid.reach_h * grid.reach_w;
  return 64 * group * (shape.in_channels + RUSHLIGHT_DISPATCH(channels_at_once)()) + border;
}

void winograd(const ConvShape& shape, std::int64_t images, const float* x, const float* packed,
              const Epilogue& epilogue, const Part& part, float* y, float* scratch) {
  RUSHLIGHT_DISPATCH(winograd_run)(shape, images, x, packed, epilogue, part, y, scratch);
}

std::int64_t winograd_tiles(const ConvShape& shape, std::int64_t images) {
  return images * TileGrid(shape.windows).count;
}

}  // namespace nn::kernels
#endif
