#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/depthwise_pixels.cpp"
#include <algorithm>
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>
#include <type_traits>

#include <nn/kernels/depthwise_pixels.h>
#include <nn/kernels/simd_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

constexpr int most_pixels = 8;

// Taps of neighbouring pixels that all lie within the image: rows of `columns` taps.
struct Taps {
  std::int64_t rows, columns;
  std::int64_t row, column, pixel;  // floats from one to the next in x
  std::int64_t weight_row;          // in the weights
};

// The sums of `Pixels` pixels: x the pixel that the first tap of the first one meets.
template <class D, int Pixels>
HWY_INLINE void add_taps(D d, const Taps& t, const float* HWY_RESTRICT x,
                         const float* HWY_RESTRICT weight, std::int64_t channels,
                         hn::Vec<D> (&sum)[Pixels]) {
  for (std::int64_t i = 0; i < t.rows; ++i, x += t.row, weight += t.weight_row) {
    const float* from = x;
    const float* w = weight;
    for (std::int64_t j = 0; j < t.columns; ++j, from += t.column, w += channels) {
      const auto tap = in_register(hn::LoadU(d, w));
      HWY_UNROLL(8)
      for (int p = 0; p < Pixels; ++p) {
        sum[p] = hn::MulAdd(tap, hn::LoadU(d, from + p * t.pixel), sum[p]);
      }
    }
  }
}

// The same for rows of `Columns` neighbouring taps, `Stride` pixels from window to window: a pixel
// that several windows meet is loaded once.
template <int Columns, int Stride, int Pixels>
HWY_INLINE void add_rows(const Taps& t, const float* HWY_RESTRICT x,
                         const float* HWY_RESTRICT weight, std::int64_t channels,
                         hn::Vec<Wide> (&sum)[Pixels]) {
  for (std::int64_t i = 0; i < t.rows; ++i, x += t.row, weight += t.weight_row) {
    hn::Vec<Wide> tap[Columns];
    HWY_UNROLL(5)
    for (int j = 0; j < Columns; ++j) tap[j] = in_register(hn::LoadU(wide, weight + j * channels));
    HWY_UNROLL(19)
    for (int q = 0; q < Stride * (Pixels - 1) + Columns; ++q) {
      const auto pixel = in_register(hn::LoadU(wide, x + q * channels));
      HWY_UNROLL(8)
      for (int p = 0; p < Pixels; ++p) {
        const int j = q - Stride * p;
        if (j >= 0 && j < Columns) sum[p] = hn::MulAdd(tap[j], pixel, sum[p]);
      }
    }
  }
}

template <class D, int Columns, int Stride, int Pixels>
HWY_INLINE void channels_at(D d, const Taps& t, const float* HWY_RESTRICT x,
                            const float* HWY_RESTRICT weight, std::int64_t channels,
                            const float* bias, Clamp clamp, float* HWY_RESTRICT y) {
  hn::Vec<D> sum[Pixels];
  HWY_UNROLL(8)
  for (int p = 0; p < Pixels; ++p) sum[p] = hn::Zero(d);
  if constexpr (Columns > 0) {
    add_rows<Columns, Stride>(t, x, weight, channels, sum);
  } else {
    add_taps(d, t, x, weight, channels, sum);
  }
  const auto b = bias == nullptr ? hn::Zero(d) : hn::LoadU(d, bias);
  HWY_UNROLL(8)
  for (int p = 0; p < Pixels; ++p) {
    hn::StoreU(clamped(d, hn::Add(sum[p], b), clamp), d, y + p * channels);
  }
}

// Channels [c, end). Columns: of taps that have their own code, or 0.
template <int Pixels, int Columns, int Stride>
void pixels(const DepthwisePixels& s, const Taps& t, const float* x, const float* weight,
            std::int64_t c, std::int64_t end, float* y) {
  const auto at = [&](auto d, auto columns, std::int64_t from) HWY_ATTR {
    channels_at<decltype(d), decltype(columns)::value, Stride, Pixels>(
        d, t, x + from, weight + from, s.channels, s.bias == nullptr ? nullptr : s.bias + from,
        s.clamp, y + from);
  };
  for (; c + wide_lanes <= end; c += wide_lanes)
    at(wide, std::integral_constant<int, Columns>(), c);
  for (; c + 4 <= end; c += 4) at(hn::CappedTag<float, 4>(), std::integral_constant<int, 0>(), c);
  for (; c < end; ++c) at(hn::CappedTag<float, 1>(), std::integral_constant<int, 0>(), c);
}

using Pixels = void (*)(const DepthwisePixels&, const Taps&, const float*, const float*,
                        std::int64_t, std::int64_t, float*);

// The usual kernels have their own code for some pixels at once.
template <int Count = most_pixels>
Pixels pixels_for(std::int64_t count, const Taps& t, std::int64_t channels) {
  if constexpr (Count > 1) {
    if (count < Count) return pixels_for<Count - 1>(count, t, channels);
  }
  if constexpr (Count >= 4) {
    if (t.column == channels && t.pixel == channels) {
      if (t.columns == 3) return pixels<Count, 3, 1>;
      if (t.columns == 5) return pixels<Count, 5, 1>;
    }
    if (t.column == channels && t.pixel == 2 * channels) {
      if (t.columns == 3) return pixels<Count, 3, 2>;
      if (t.columns == 5) return pixels<Count, 5, 2>;
    }
  }
  return pixels<Count, 0, 1>;
}

void run_channels(const DepthwisePixels& s, std::int64_t first, std::int64_t last, const float* x,
                  std::int64_t channel, std::int64_t end_channel, float* y) {
  const Windows& w = s.windows;
  Taps t{};
  t.row = w.dilation_h * w.width * s.channels;
  t.column = w.dilation_w * s.channels;
  t.pixel = w.stride_w * s.channels;
  t.weight_row = w.kernel_w * s.channels;
  // Windows that lie within the image from its left to its right.
  const std::int64_t reach = (w.kernel_w - 1) * w.dilation_w;
  const std::int64_t begin = std::min((w.left + w.stride_w - 1) / w.stride_w, w.out_w);
  const std::int64_t room = w.width - 1 - reach + w.left;
  const std::int64_t end = room < 0 ? begin : std::clamp(room / w.stride_w + 1, begin, w.out_w);
  for (std::int64_t row = first; row < last; ++row) {
    const std::int64_t top = row * w.stride_h - w.top;
    const Range rows = inside(w.kernel_h, w.dilation_h, top, w.height);
    t.rows = rows.last - rows.first;
    const float* const x_row = x + (top + rows.first * w.dilation_h) * w.width * s.channels;
    const float* const weight = s.weight + rows.first * t.weight_row;
    float* const y_row = y + row * w.out_w * s.channels;
    for (std::int64_t column = 0; column < w.out_w;) {
      const std::int64_t left = column * w.stride_w - w.left;
      std::int64_t count = 1;
      Range columns{0, w.kernel_w};
      if (column >= begin && column < end) {
        const std::int64_t blocks = (end - column + most_pixels - 1) / most_pixels;
        count = (end - column + blocks - 1) / blocks;
      } else {
        columns = inside(w.kernel_w, w.dilation_w, left, w.width);
      }
      t.columns = columns.last - columns.first;
      pixels_for(count, t, s.channels)(
          s, t, x_row + (left + columns.first * w.dilation_w) * s.channels,
          weight + columns.first * s.channels, channel, end_channel, y_row + column * s.channels);
      column += count;
    }
  }
}

// So many channels at a time that their rows of windows stay in the first cache.
void run(const DepthwisePixels& s, std::int64_t first, std::int64_t last, const float* x,
         float* y) {
  constexpr std::int64_t cached = 8 * 1024;
  const Windows& w = s.windows;
  const std::int64_t pixels = (w.kernel_h + w.stride_h) * w.width;
  const std::int64_t step = std::max<std::int64_t>(cached / pixels / 16 * 16, 16);
  for (std::int64_t c = 0; c < s.channels; c += step) {
    run_channels(s, first, last, x, c, std::min(c + step, s.channels), y);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {

void depthwise_pixels(const DepthwisePixels& depthwise, std::int64_t first, std::int64_t last,
                      const float* x, float* y) {
  RUSHLIGHT_DISPATCH(run)(depthwise, first, last, x, y);
}

}  // namespace nn::kernels
#endif
