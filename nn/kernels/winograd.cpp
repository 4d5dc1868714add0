#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/winograd.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <nn/kernels/simd_inl.h>
#include <nn/kernels/winograd.h>
#include <nn/kernels/winograd_grid.h>
#include <nn/kernels/winograd_group_inl.h>
#include <nn/kernels/winograd_points.h>
#include <nn/kernels/winograd_tile_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

// A block of output channels × units fills the registers: 24 sums of 32 registers, 12 of 16.
#if HWY_MAX_BYTES >= 64 || HWY_ARCH_ARM_A64
constexpr int block_channels = 6;
#else
constexpr int block_channels = 3;
#endif

// to[0 … count) = from, without the call that memcpy is for short rows. What is left for the last
// vector, it takes with values before it.
HWY_INLINE void copy_row(const float* from, std::int64_t count, float* to) {
  if (count < eight_lanes) {
    for (std::int64_t i = 0; i < count; ++i) to[i] = from[i];
    return;
  }
  for (std::int64_t i = 0; i < count; i += eight_lanes) {
    i = std::min<std::int64_t>(i, count - eight_lanes);
    hn::StoreU(hn::LoadU(eight, from + i), eight, to + i);
  }
}

// Weights for each slot of a unit.
HWY_INLINE hn::Vec<Wide> weights_of(const float* u) {
#if HWY_TARGET == HWY_AVX3
  return hn::Vec<Wide>{_mm512_broadcast_f32x8(_mm256_load_ps(u))};
#elif HWY_MAX_BYTES >= 64
  return hn::Combine(wide, hn::Load(eight, u), hn::Load(eight, u));
#else
  return hn::Load(wide, u);
#endif
}

// sums[o, t, …] = Σ_c u[c, o, …] v[c, t, …] for one chunk of the units' values.
template <int Channels, int Units>
void multiply(std::int64_t in_channels, const float* HWY_RESTRICT u, const float* HWY_RESTRICT v,
              float* HWY_RESTRICT sums, std::int64_t channel_step) {
  using V = hn::Vec<Wide>;
  V sum[Channels][Units];
  HWY_UNROLL(8)
  for (int o = 0; o < Channels; ++o) {
    HWY_UNROLL(8)
    for (int t = 0; t < Units; ++t) sum[o][t] = hn::Zero(wide);
  }
  for (std::int64_t c = 0; c < in_channels;
       ++c, u += Channels * point_lanes, v += Units * wide_lanes) {
    V weight[Channels];
    HWY_UNROLL(8)
    for (int o = 0; o < Channels; ++o) weight[o] = weights_of(u + o * point_lanes);
    HWY_UNROLL(8)
    for (int t = 0; t < Units; ++t) {
      const V x = hn::Load(wide, v + t * wide_lanes);
      HWY_UNROLL(8)
      for (int o = 0; o < Channels; ++o) sum[o][t] = hn::MulAdd(weight[o], x, sum[o][t]);
    }
  }
  HWY_UNROLL(8)
  for (int o = 0; o < Channels; ++o) {
    HWY_UNROLL(8)
    for (int t = 0; t < Units; ++t) {
      hn::Store(sum[o][t], wide, sums + o * channel_step + t * 64 * slots);
    }
  }
}

using Multiply = void (*)(std::int64_t, const float* HWY_RESTRICT, const float* HWY_RESTRICT,
                          float* HWY_RESTRICT, std::int64_t);

template <int Channels>
Multiply multiply_for(std::int64_t channels, std::int64_t units) {
  if constexpr (Channels > 1) {
    if (channels < Channels) return multiply_for<Channels - 1>(channels, units);
  }
  switch (units) {
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

// Tiles [first, last) of one image, from `pixels` of one channel to its values at points. Values of
// a slot that no tile takes are those of its neighbour.
HWY_INLINE void tiles_at_points(const Group& group, std::int64_t first, std::int64_t last,
                                std::int64_t in_channels, std::int64_t channel, const float* pixels,
                                std::int64_t stride) {
  for (std::int64_t t = first; t < last; ++t) {
    const Tile& tile = group.tile[t];
    const float* const from = pixels + tile.row * stride + tile.column;
    float* const values = tile.values + channel * tile.block * wide_lanes;
    const std::int64_t chunk_step = in_channels * tile.block * wide_lanes;
#if HWY_MAX_BYTES >= 64
    const bool alone = tile.other < 0;
    if (alone || (tile.other >= first && tile.other < last)) {
      if (tile.slot > 0) continue;  // came with the other
      const Tile& other = alone ? tile : group.tile[tile.other];
      unit_at_points(from, pixels + other.row * stride + other.column, stride, values, chunk_step);
      continue;
    }
#endif
    tile_at_points(from, stride, values, chunk_step);
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
      tiles_at_points(group, first, last, s.in_channels, c, pixels, stride);
    }
  }
}

// sums [size, group_size, 64] of one block of output channels.
const float* group_products(std::int64_t in, std::int64_t size, const Group& group,
                            const float* values, const float* u, float* sums,
                            std::int64_t group_size) {
  for (int chunk = 0; chunk < chunk_count; ++chunk, u += in * size * point_lanes) {
    std::int64_t unit = 0;
    for (std::int64_t b = 0; b < group.blocks; ++b) {
      const std::int64_t block = group.block_size[b];
      multiply_for<block_channels>(size, block)(
          in, u, values + 64 * slots * in * unit + chunk * in * block * wide_lanes,
          sums + 64 * slots * unit + chunk * wide_lanes, 64 * group_size);
      unit += block;
    }
  }
  return u;
}

// One output channel of the group, from its sums [units, 64 * slots] into its plane of each image.
template <int M>
void group_outputs(const Group& group, const float* sums, float bias, const Epilogue& epilogue,
                   std::int64_t y_w, float* y) {
#if HWY_MAX_BYTES >= 32
  constexpr int unit_size = 64 * slots;
  constexpr int at_once = step_tiles<M> / slots;
  const WideVector b = hn::Set(wide, bias + 0.0F);  // as finish_plane
  for (std::int64_t unit = 0, first = 0; unit < group.units;
       unit += at_once, first += step_tiles<M>, sums += unit_size * at_once) {
    const bool two = at_once == 2 && unit + 1 < group.units;
    WideVector outputs[M];
    const int vectors = finish_units<M>(sums, two ? sums + unit_size : sums, b, epilogue, outputs);
    store_step<M>(outputs, vectors, epilogue.max_pool, group, first, y_w, y);
  }
#else
  HWY_ALIGN float buffer[64];
  for (std::int64_t t = 0; t < group.count; ++t, sums += 64) {
    HWY_ALIGN float rows[64];
    outputs_of<M>(sums, rows);
    finish_plane(rows, 8, M, M, bias, epilogue.clamp, epilogue.max_pool, buffer);
    const int side = epilogue.max_pool ? M / 2 : M;
    store_tile(buffer, side, group.tile[t], y_w, y);
  }
#endif
}

// The first tile of part `index` of `count`: parts are whole fours.
std::int64_t part_begins(std::int64_t tiles, std::int64_t index, std::int64_t count) {
  return std::min((tiles + 3) / 4 * index / count * 4, tiles);
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
          const std::int64_t chunk = i / point_lanes;
          packed[((chunk * s.in_channels + c) * size + o) * point_lanes + i % point_lanes] =
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
