#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/pixel_product.cpp"
#include <algorithm>
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <nn/kernels/linear_pack_inl.h>
#include <nn/kernels/pixel_product.h>
#include <nn/kernels/simd_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

using V = hn::Vec<Wide>;

// As many pixels as two vectors of sums each leave registers for weights.
#if HWY_MAX_BYTES >= 64
constexpr int most_pixels = 14;
#elif HWY_ARCH_ARM_A64
constexpr int most_pixels = 12;
#else
constexpr int most_pixels = 6;
#endif
constexpr std::int64_t panel_channels = 2 * wide_lanes;
// Products that one running sum takes before it is added to the total: long sums lose less so.
constexpr std::int64_t sum_depth = 128;
// Pixels that pass all panels before the next ones do, while they stay in the second cache.
constexpr std::int64_t pixels_at_once = 6 * most_pixels;

HWY_INLINE int panel_vectors(std::int64_t channels) { return channels <= wide_lanes ? 1 : 2; }

// What value k of pixel i is: one of its channels, or the pixel of a window that a tap meets.
struct Channels {
  const float* HWY_RESTRICT x;
  std::int64_t in;
  HWY_INLINE float operator()(std::int64_t i, std::int64_t k) const { return x[i * in + k]; }
  Channels from(std::int64_t pixel) const { return {x + pixel * in, in}; }
};
struct Taps {
  const float* HWY_RESTRICT x;
  const std::int32_t* HWY_RESTRICT taps;
  HWY_INLINE float operator()(std::int64_t i, std::int64_t k) const { return x[taps[k] + i]; }
  Taps from(std::int64_t pixel) const { return {x + pixel, taps}; }
};

// Sums of `Pixels` pixels over the products [begin, end). The weights of the next panel are called
// into the cache.
template <class Source, int Pixels, int Vectors>
HWY_INLINE void add_products(const Source& source, std::int64_t in, std::int64_t begin,
                             std::int64_t end, const float* HWY_RESTRICT panel,
                             V (&sum)[Pixels][Vectors]) {
  for (std::int64_t k = begin; k < end; ++k) {
    const float* const weight = panel + k * Vectors * wide_lanes;
    V w[Vectors];
    HWY_UNROLL(2)
    for (int j = 0; j < Vectors; ++j) {
      hwy::Prefetch(weight + (in * Vectors + j) * wide_lanes);
    }
    HWY_UNROLL(2)
    for (int j = 0; j < Vectors; ++j) w[j] = in_register(hn::Load(wide, weight + j * wide_lanes));
    HWY_UNROLL(14)
    for (int i = 0; i < Pixels; ++i) {
      const V value = hn::Set(wide, source(i, k));
      HWY_UNROLL(2)
      for (int j = 0; j < Vectors; ++j) sum[i][j] = hn::MulAdd(value, w[j], sum[i][j]);
    }
  }
}

template <int Pixels, int Vectors>
HWY_INLINE void set_zero(V (&sum)[Pixels][Vectors]) {
  HWY_UNROLL(14)
  for (int i = 0; i < Pixels; ++i) {
    HWY_UNROLL(2)
    for (int j = 0; j < Vectors; ++j) sum[i][j] = hn::Zero(wide);
  }
}

// `Pixels` pixels by one panel, the channels [channel, channel + count).
template <class Source, int Pixels, int Vectors>
void block(const PixelProduct& p, const Source& source, const float* HWY_RESTRICT panel,
           std::int64_t channel, std::int64_t count, float* HWY_RESTRICT y) {
  V sum[Pixels][Vectors];
  set_zero(sum);
  if (p.in <= sum_depth) {
    add_products(source, p.in, 0, p.in, panel, sum);
  } else {
    HWY_ALIGN float total[Pixels * Vectors * wide_lanes] = {};
    for (std::int64_t k = 0; k < p.in; k += sum_depth) {
      set_zero(sum);
      add_products(source, p.in, k, std::min(k + sum_depth, p.in), panel, sum);
      HWY_UNROLL(14)
      for (int i = 0; i < Pixels; ++i) {
        HWY_UNROLL(2)
        for (int j = 0; j < Vectors; ++j) {
          float* const at = total + (i * Vectors + j) * wide_lanes;
          sum[i][j] = hn::Add(hn::Load(wide, at), sum[i][j]);
          hn::Store(sum[i][j], wide, at);
        }
      }
    }
  }
  HWY_UNROLL(2)
  for (int j = 0; j < Vectors; ++j) {
    const std::int64_t left = count - j * wide_lanes;
    const float* const bias = p.bias == nullptr ? nullptr : p.bias + channel + j * wide_lanes;
    float* const to = y + channel + j * wide_lanes;
    if (left >= wide_lanes) {
      const V b = bias == nullptr ? hn::Zero(wide) : hn::LoadU(wide, bias);
      HWY_UNROLL(14)
      for (int i = 0; i < Pixels; ++i) {
        hn::StoreU(clamped(wide, hn::Add(sum[i][j], b), p.clamp), wide, to + i * p.out);
      }
    } else {
      const V b = bias == nullptr ? hn::Zero(wide) : load_some(bias, left);
      HWY_UNROLL(14)
      for (int i = 0; i < Pixels; ++i) {
        store_some(clamped(wide, hn::Add(sum[i][j], b), p.clamp), to + i * p.out, left);
      }
    }
  }
}

template <class Source>
using Block = void (*)(const PixelProduct&, const Source&, const float* HWY_RESTRICT, std::int64_t,
                       std::int64_t, float* HWY_RESTRICT);

template <class Source, int Pixels = most_pixels>
Block<Source> block_for(std::int64_t pixels, int vectors) {
  if constexpr (Pixels > 1) {
    if (pixels < Pixels) return block_for<Source, Pixels - 1>(pixels, vectors);
  }
  return vectors == 1 ? block<Source, Pixels, 1> : block<Source, Pixels, 2>;
}

template <class Source>
void run_source(const PixelProduct& p, std::int64_t pixels, const Source& source, Range channels,
                float* y) {
  for (std::int64_t first = 0; first < pixels; first += pixels_at_once) {
    const std::int64_t end = std::min(first + pixels_at_once, pixels);
    for (std::int64_t channel = channels.first; channel < channels.last;
         channel += panel_channels) {
      const std::int64_t count = std::min(panel_channels, channels.last - channel);
      const int vectors = panel_vectors(count);
      for (std::int64_t at = first; at < end;) {
        // As even as they go.
        const std::int64_t blocks = (end - at + most_pixels - 1) / most_pixels;
        const std::int64_t size = (end - at + blocks - 1) / blocks;
        block_for<Source>(size, vectors)(p, source.from(at), p.packed + channel * p.in, channel,
                                         count, y + at * p.out);
        at += size;
      }
    }
  }
}

Range channels_of(std::int64_t out, const Part& part) {
  const std::int64_t panels = (out + panel_channels - 1) / panel_channels;
  return {part.begin(panels) * panel_channels, std::min(part.end(panels) * panel_channels, out)};
}

void run(const PixelProduct& p, std::int64_t pixels, const float* x, const Part& part, float* y) {
  run_source(p, pixels, Channels{x, p.in}, channels_of(p.out, part), y);
}

void run_windows(const PixelProduct& p, std::int64_t pixels, const float* source,
                 const std::int32_t* taps, float* y) {
  run_source(p, pixels, Taps{source, taps}, {0, p.out}, y);
}

void pack(std::int64_t in, std::int64_t out, const float* weight, float* packed) {
  for (std::int64_t channel = 0; channel < out; channel += panel_channels) {
    const std::int64_t count = std::min(panel_channels, out - channel);
    pack_panel(weight + channel * in, in, count, packed + channel * in,
               panel_vectors(count) * wide_lanes);
  }
}

std::int64_t packed_size(std::int64_t in, std::int64_t out) {
  return in * ((out + wide_lanes - 1) / wide_lanes * wide_lanes);
}

std::int64_t step() { return most_pixels; }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {

std::int64_t pixel_product_packed_size(std::int64_t in, std::int64_t out) {
  return RUSHLIGHT_DISPATCH(packed_size)(in, out);
}

void pixel_product_pack(std::int64_t in, std::int64_t out, const float* weight, float* packed) {
  RUSHLIGHT_DISPATCH(pack)(in, out, weight, packed);
}

std::int64_t pixel_product_step() { return RUSHLIGHT_DISPATCH(step)(); }

Range pixel_product_channels(std::int64_t out, const Part& part) {
  return RUSHLIGHT_DISPATCH(channels_of)(out, part);
}

void pixel_product(const PixelProduct& product, std::int64_t pixels, const float* x,
                   const Part& part, float* y) {
  RUSHLIGHT_DISPATCH(run)(product, pixels, x, part, y);
}

void window_product(const PixelProduct& product, std::int64_t pixels, const float* source,
                    const std::int32_t* taps, float* y) {
  RUSHLIGHT_DISPATCH(run_windows)(product, pixels, source, taps, y);
}

}  // namespace nn::kernels
#endif
