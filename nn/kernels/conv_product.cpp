#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/conv_product.cpp"
#include <algorithm>
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <nn/kernels/conv_product.h>
#include <nn/kernels/simd_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

using V = hn::Vec<Wide>;

// Products that one running sum takes before it is added to the total: long sums of one sign lose
// less so.
constexpr std::int64_t sum_depth = 128;

// A block of channels × two vectors of pixels fills the registers: 24 sums of 32, 12 of 16.
#if HWY_MAX_BYTES >= 64 || HWY_ARCH_ARM_A64
constexpr int block_channels = 12;
#else
constexpr int block_channels = 6;
#endif
constexpr std::int64_t panel_pixels = 2 * wide_lanes;
constexpr std::int64_t panel_floats = (sum_depth * panel_pixels + wide_lanes + 15) / 16 * 16;

std::int64_t blocks(std::int64_t out) { return (out + block_channels - 1) / block_channels; }

// The first channel of a block: their sizes differ by one at most.
std::int64_t channel_of(std::int64_t out, std::int64_t block) {
  const std::int64_t count = blocks(out);
  return block * (out / count) + std::min(block, out % count);
}

// Weights that do not stay in the second cache are read once for several panels.
constexpr std::int64_t most_panels = 4;
std::int64_t panels_at_once(std::int64_t out, std::int64_t depth) {
  return out * depth > 128 * 1024 ? most_panels : 1;
}

// The last few pixels are summed with channels, not pixels, side by side: fewer than half a vector's,
// where a block of channels fills most of a vector.
constexpr bool left_by_channels = wide_lanes >= 8 && wide_lanes >= block_channels;
constexpr int most_left = left_by_channels ? wide_lanes / 2 - 1 : 1;

// Are so many pixels the last few, and blocks of channels large enough?
bool by_channels(std::int64_t out, std::int64_t pixels) {
  return left_by_channels && pixels <= most_left && 2 * (out / blocks(out)) > wide_lanes;
}

// Pixels of a panel that are neighbours in the source, at most a vector of them.
struct Run {
  std::int64_t from, to, count;
};

struct Panel {
  std::int64_t first = 0, count = 0;  // its pixels
  int vectors = 0;                    // that hold them; none: the last few pixels, one by one
  std::int64_t runs = 0;
  Run run[panel_pixels];
};

// The runs of pixels [first, first + count).
void plan_panel(const ConvProduct& p, std::int64_t first, std::int64_t count, Panel& panel) {
  panel.first = first;
  panel.count = count;
  panel.vectors = count > wide_lanes ? 2 : by_channels(p.out_channels, count) ? 0 : 1;
  panel.runs = 0;
  const std::int64_t pixel = first % p.pixels;
  std::int64_t image = first / p.pixels, row = pixel / p.width, column = pixel % p.width;
  for (std::int64_t to = 0; to < count;) {
    const std::int64_t length = std::min({p.width - column, count - to, std::int64_t{wide_lanes}});
    panel.run[panel.runs++] = {image * p.source_image + row * p.source_row + column, to, length};
    to += length;
    column += length;
    if (column < p.width) continue;
    column = 0;
    ++row;
    if (row * p.width < p.pixels) continue;
    row = 0;
    ++image;
  }
}

// to[k, i] = the pixel that tap begin + k meets in window i of the panel. Runs are copied in rising
// order as whole vectors, each over what the one before wrote too much; `to` has room for one more.
void gather(const ConvProduct& p, const Panel& panel, std::int64_t begin, std::int64_t end,
            float* HWY_RESTRICT to) {
  std::int64_t k = begin;
  if (panel.vectors == 0) {
    for (; k < end; ++k, to += panel.count) {
      const float* const from = p.source + p.taps[k];
      for (std::int64_t r = 0; r < panel.runs; ++r) {
        const Run& run = panel.run[r];
        for (std::int64_t i = 0; i < run.count; ++i) to[run.to + i] = from[run.from + i];
      }
    }
    return;
  }
  const std::int64_t width = panel.vectors * wide_lanes;
  const std::int64_t safe = std::clamp(p.safe_depth, begin, end);
  if (panel.runs == 1) {
    const float* const from = p.source + panel.run[0].from;
    for (; k < safe; ++k, to += width) {
      hn::Store(hn::LoadU(wide, from + p.taps[k]), wide, to);
    }
  }
  for (; k < safe; ++k, to += width) {
    const float* const from = p.source + p.taps[k];
    for (std::int64_t r = 0; r < panel.runs; ++r) {
      hn::StoreU(hn::LoadU(wide, from + panel.run[r].from), wide, to + panel.run[r].to);
    }
  }
  for (; k < end; ++k, to += width) {
    const float* const from = p.source + p.taps[k];
    for (std::int64_t r = 0; r < panel.runs; ++r) {
      const Run& run = panel.run[r];
      std::copy_n(from + run.from, run.count, to + run.to);
    }
  }
}

// Totals of a channel's pixels become results.
HWY_INLINE void finish(const ConvProduct& p, const float* totals, const Panel& panel,
                       std::int64_t channel) {
  const V bias = hn::Set(wide, p.bias == nullptr ? 0.0F : p.bias[channel] + 0.0F);
  float* const y = p.y + channel * p.y_channel;
  const std::int64_t pixel = panel.first % p.pixels, image = panel.first / p.pixels;
  const bool whole = panel.count == panel.vectors * wide_lanes && pixel + panel.count <= p.pixels;
  HWY_ALIGN float edge[panel_pixels];
  for (int j = 0; j < panel.vectors; ++j) {
    const V sum = clamped(wide, hn::Add(hn::Load(wide, totals + j * wide_lanes), bias), p.clamp);
    if (whole) {
      hn::StoreU(sum, wide, y + image * p.y_image + pixel + j * wide_lanes);
    } else {
      hn::Store(sum, wide, edge + j * wide_lanes);
    }
  }
  if (whole) return;
  // The panel ends within a vector or goes on in the next image.
  std::int64_t to = image, at = pixel;
  for (std::int64_t done = 0; done < panel.count; ++to, at = 0) {
    const std::int64_t length = std::min(p.pixels - at, panel.count - done);
    std::copy_n(edge + done, length, y + to * p.y_image + at);
    done += length;
  }
}

// totals[i, pixel] = or += Σ_k weight[k, i] · pixels[k, pixel], for `depth` products. The weights
// behind these, which come next, are called into the cache.
template <int Channels, int Vectors>
void block(std::int64_t depth, const float* HWY_RESTRICT weight, const float* HWY_RESTRICT pixels,
           bool first, float* HWY_RESTRICT totals) {
  V sum[Channels][Vectors];
  HWY_UNROLL(12)
  for (int i = 0; i < Channels; ++i) {
    HWY_UNROLL(2)
    for (int j = 0; j < Vectors; ++j) sum[i][j] = hn::Zero(wide);
  }
  const float* const next = weight + depth * Channels;
  for (std::int64_t k = 0; k < depth; ++k) {
    hwy::Prefetch(next + k * Channels);
    V pixel[Vectors];
    HWY_UNROLL(2)
    for (int j = 0; j < Vectors; ++j) {
      pixel[j] = hn::Load(wide, pixels + (k * Vectors + j) * wide_lanes);
    }
    HWY_UNROLL(12)
    for (int i = 0; i < Channels; ++i) {
      const V w = hn::Set(wide, weight[k * Channels + i]);
      HWY_UNROLL(2)
      for (int j = 0; j < Vectors; ++j) sum[i][j] = hn::MulAdd(w, pixel[j], sum[i][j]);
    }
  }
  HWY_UNROLL(12)
  for (int i = 0; i < Channels; ++i) {
    HWY_UNROLL(2)
    for (int j = 0; j < Vectors; ++j) {
      float* const total = totals + (i * Vectors + j) * wide_lanes;
      hn::Store(first ? sum[i][j] : hn::Add(hn::Load(wide, total), sum[i][j]), wide, total);
    }
  }
}

using Block = void (*)(std::int64_t, const float* HWY_RESTRICT, const float* HWY_RESTRICT, bool,
                       float* HWY_RESTRICT);

template <int Channels>
Block block_for(std::int64_t channels, int vectors) {
  if constexpr (Channels > 1) {
    if (channels < Channels) return block_for<Channels - 1>(channels, vectors);
  }
  return vectors == 1 ? block<Channels, 1> : block<Channels, 2>;
}

// The same for the last few pixels: vectors of the channels of `Blocks` blocks.
//   totals[block, pixel, channel]
template <int Pixels, int Blocks>
void left_block(std::int64_t depth, const float* HWY_RESTRICT weight, const std::int64_t* channels,
                const float* HWY_RESTRICT pixels, bool first, float* HWY_RESTRICT totals) {
  V sum[Blocks][Pixels];
  const float* of_block[Blocks];
  HWY_UNROLL(8)
  for (int b = 0; b < Blocks; ++b) {
    of_block[b] = weight;
    weight += depth * channels[b];
    HWY_UNROLL(8)
    for (int i = 0; i < Pixels; ++i) sum[b][i] = hn::Zero(wide);
  }
  for (std::int64_t k = 0; k < depth; ++k) {
    HWY_UNROLL(8)
    for (int b = 0; b < Blocks; ++b) {
      const V w = hn::LoadU(wide, of_block[b] + k * channels[b]);
      HWY_UNROLL(8)
      for (int i = 0; i < Pixels; ++i) {
        sum[b][i] = hn::MulAdd(w, hn::Set(wide, pixels[k * Pixels + i]), sum[b][i]);
      }
    }
  }
  HWY_UNROLL(8)
  for (int b = 0; b < Blocks; ++b) {
    HWY_UNROLL(8)
    for (int i = 0; i < Pixels; ++i) {
      float* const total = totals + (b * Pixels + i) * wide_lanes;
      hn::Store(first ? sum[b][i] : hn::Add(hn::Load(wide, total), sum[b][i]), wide, total);
    }
  }
}

// All blocks of channels [first, last), enough at a time that one sum does not wait for itself.
template <int Pixels>
void left_blocks(std::int64_t out, std::int64_t first, std::int64_t last, std::int64_t depth,
                 const float* packed, const float* pixels, bool is_first, float* totals) {
  constexpr int at_once = Pixels >= 7 ? 1 : 8 / Pixels;
  std::int64_t channels[at_once];
  for (std::int64_t b = first; b < last;) {
    const std::int64_t from = channel_of(out, b);
    const int count = last - b >= at_once ? at_once : 1;
    for (int i = 0; i < count; ++i) {
      channels[i] = channel_of(out, b + i + 1) - channel_of(out, b + i);
    }
    (count == at_once ? left_block<Pixels, at_once>
                      : left_block<Pixels, 1>)(depth, packed + from * depth, channels, pixels,
                                               is_first,
                                               totals + (b - first) * Pixels * wide_lanes);
    b += count;
  }
}

template <int Pixels>
auto left_blocks_for(std::int64_t pixels) {
  if constexpr (Pixels > 1) {
    if (pixels < Pixels) return left_blocks_for<Pixels - 1>(pixels);
  }
  return left_blocks<Pixels>;
}

// Their totals become results.
void finish_left(const ConvProduct& p, const float* totals, const Panel& panel, std::int64_t first,
                 std::int64_t last) {
  for (std::int64_t b = first; b < last; ++b) {
    const std::int64_t from = channel_of(p.out_channels, b);
    const std::int64_t until = channel_of(p.out_channels, b + 1);
    for (std::int64_t i = 0; i < panel.count; ++i, totals += wide_lanes) {
      const std::int64_t pixel = panel.first + i;
      float* y = p.y + pixel / p.pixels * p.y_image + pixel % p.pixels + from * p.y_channel;
      for (std::int64_t o = from; o < until; ++o, y += p.y_channel) {
        const float sum = totals[o - from] + (p.bias == nullptr ? 0.0F : p.bias[o] + 0.0F);
        *y = clamped(sum, p.clamp);
      }
    }
  }
}

// Pixels of the next panel, `left` to go.
std::int64_t next_panel(std::int64_t left, std::int64_t out) {
  if (left >= panel_pixels) return panel_pixels;
  return left > wide_lanes && by_channels(out, left - wide_lanes) ? wide_lanes : left;
}

std::int64_t total_floats(std::int64_t channels, std::int64_t channel_blocks) {
  return std::max(panel_pixels * channels, channel_blocks * most_left * wide_lanes);
}

// Some products of a few panels at a time, so that their pixels stay in the first caches while all
// channels pass.
void run(const ConvProduct& p, std::int64_t count, std::int64_t first, std::int64_t last,
         float* scratch) {
  const std::int64_t from = channel_of(p.out_channels, first);
  const std::int64_t until = channel_of(p.out_channels, last);
  const std::int64_t at_once = panels_at_once(p.out_channels, p.depth);
  float* const totals = scratch + at_once * panel_floats;
  const std::int64_t total_step = total_floats(until - from, last - first);
  Panel panels[most_panels];
  for (std::int64_t at = 0; at < count;) {
    std::int64_t size = 0;
    for (; size < at_once && at < count; ++size) {
      const std::int64_t pixels = next_panel(count - at, p.out_channels);
      plan_panel(p, at, pixels, panels[size]);
      at += pixels;
    }
    for (std::int64_t k = 0; k < p.depth; k += sum_depth) {
      const std::int64_t end = std::min(k + sum_depth, p.depth);
      for (std::int64_t i = 0; i < size; ++i) {
        gather(p, panels[i], k, end, scratch + i * panel_floats);
      }
      const float* const packed = p.packed + k * p.out_channels;
      const bool ends_by_channels = panels[size - 1].vectors == 0;
      const std::int64_t by_pixels = ends_by_channels ? size - 1 : size;
      for (std::int64_t b = first, channel = from; b < last && by_pixels > 0; ++b) {
        const std::int64_t channels = channel_of(p.out_channels, b + 1) - channel;
        for (std::int64_t i = 0; i < by_pixels; ++i) {
          block_for<block_channels>(channels, panels[i].vectors)(
              end - k, packed + channel * (end - k), scratch + i * panel_floats, k == 0,
              totals + i * total_step + (channel - from) * panels[i].vectors * wide_lanes);
        }
        channel += channels;
      }
      if (ends_by_channels) {
        left_blocks_for<most_left>(panels[size - 1].count)(
            p.out_channels, first, last, end - k, packed, scratch + (size - 1) * panel_floats,
            k == 0, totals + (size - 1) * total_step);
      }
    }
    for (std::int64_t i = 0; i < size; ++i) {
      if (panels[i].vectors == 0) {
        finish_left(p, totals + i * total_step, panels[i], first, last);
        continue;
      }
      for (std::int64_t channel = from; channel < until; ++channel) {
        finish(p, totals + i * total_step + (channel - from) * panels[i].vectors * wide_lanes,
               panels[i], channel);
      }
    }
  }
}

// [some products][block of channels][k, channel of the block]
void pack(std::int64_t out, std::int64_t depth, const float* weight, float* packed) {
  for (std::int64_t begin = 0; begin < depth; begin += sum_depth) {
    const std::int64_t end = std::min(begin + sum_depth, depth);
    for (std::int64_t b = 0; b < blocks(out); ++b) {
      const std::int64_t first = channel_of(out, b), last = channel_of(out, b + 1);
      for (std::int64_t k = begin; k < end; ++k) {
        for (std::int64_t o = first; o < last; ++o) *packed++ = weight[o * depth + k];
      }
    }
  }
}

std::int64_t scratch_floats(std::int64_t out, std::int64_t depth) {
  return panels_at_once(out, depth) * (panel_floats + total_floats(out, blocks(out)));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {

void conv_product_pack(std::int64_t out, std::int64_t depth, const float* weight, float* packed) {
  RUSHLIGHT_DISPATCH(pack)(out, depth, weight, packed);
}

std::int64_t conv_product_blocks(std::int64_t out) { return RUSHLIGHT_DISPATCH(blocks)(out); }

std::int64_t conv_product_channel(std::int64_t out, std::int64_t block) {
  return RUSHLIGHT_DISPATCH(channel_of)(out, block);
}

std::int64_t conv_product_scratch(std::int64_t out, std::int64_t depth) {
  return RUSHLIGHT_DISPATCH(scratch_floats)(out, depth);
}

void conv_product(const ConvProduct& product, std::int64_t count, std::int64_t first,
                  std::int64_t last, float* scratch) {
  RUSHLIGHT_DISPATCH(run)(product, count, first, last, scratch);
}

}  // namespace nn::kernels
#endif
