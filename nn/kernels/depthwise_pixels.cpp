#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/depthwise_pixels.cpp"
#include <algorithm>
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

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

// `Pixels` pixels: x the pixel that the first tap of the first one meets.
template <class D, int Pixels>
HWY_INLINE void channels_at(D d, const Taps& t, const float* HWY_RESTRICT x,
                            const float* HWY_RESTRICT weight, std::int64_t channels,
                            const float* bias, Clamp clamp, float* HWY_RESTRICT y) {
  hn::Vec<D> sum[Pixels];
  HWY_UNROLL(8)
  for (int p = 0; p < Pixels; ++p) sum[p] = hn::Zero(d);
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
  const auto b = bias == nullptr ? hn::Zero(d) : hn::LoadU(d, bias);
  HWY_UNROLL(8)
  for (int p = 0; p < Pixels; ++p) {
    hn::StoreU(clamped(d, hn::Add(sum[p], b), clamp), d, y + p * channels);
  }
}

template <int Pixels>
void pixels(const DepthwisePixels& s, const Taps& t, const float* x, const float* weight,
            float* y) {
  const auto at = [&](auto d, std::int64_t c) HWY_ATTR {
    channels_at<decltype(d), Pixels>(d, t, x + c, weight + c, s.channels,
                                     s.bias == nullptr ? nullptr : s.bias + c, s.clamp, y + c);
  };
  std::int64_t c = 0;
  for (; c + wide_lanes <= s.channels; c += wide_lanes) at(wide, c);
  for (; c + 4 <= s.channels; c += 4) at(hn::CappedTag<float, 4>(), c);
  for (; c < s.channels; ++c) at(hn::CappedTag<float, 1>(), c);
}

using Pixels = void (*)(const DepthwisePixels&, const Taps&, const float*, const float*, float*);

template <int Count = most_pixels>
Pixels pixels_for(std::int64_t count) {
  if constexpr (Count > 1) {
    if (count < Count) return pixels_for<Count - 1>(count);
  }
  return pixels<Count>;
}

void run(const DepthwisePixels& s, std::int64_t first, std::int64_t last, const float* x,
         float* y) {
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
      pixels_for(count)(s, t, x_row + (left + columns.first * w.dilation_w) * s.channels,
                        weight + columns.first * s.channels, y_row + column * s.channels);
      column += count;
    }
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
