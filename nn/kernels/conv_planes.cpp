#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/conv_planes.cpp"
#include <algorithm>
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <nn/kernels/conv_planes.h>
#include <nn/kernels/simd_inl.h>

#ifndef RUSHLIGHT_CONV_PLANES_PHASE
#define RUSHLIGHT_CONV_PLANES_PHASE
namespace nn::kernels {

// The rows of one phase of a plane x [height, width].
struct PhaseRows {
  const float* x;
  std::int64_t height, width;
  std::int64_t h, stride_h, rows;        // the first row's place in x, the step to the next
  std::int64_t offset, stride_w;         // column i is x's column i * stride_w + offset
  std::int64_t first_pixel, last_pixel;  // columns within x; the others are padding
  std::int64_t pitch;
  float* to;
};

}  // namespace nn::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

// Calls `vector(i)` for whole vectors that cover [0, count), at least one: the last one takes what
// is before it once more.
template <class D, class Vector>
HWY_INLINE void for_vectors(D d, std::int64_t count, Vector vector) {
  constexpr auto lanes = static_cast<std::int64_t>(hn::MaxLanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) vector(i);
  if (i < count) vector(count - lanes);
}

// Pixels of one row, `left` of which may be read behind the first, and one before it if `behind`.
template <class D>
HWY_INLINE void fill_row(D d, const float* from, std::int64_t stride, std::int64_t count,
                         [[maybe_unused]] std::int64_t left, [[maybe_unused]] bool before,
                         float* to) {
  if (stride == 1) {
    for_vectors(d, count, [&](std::int64_t i) { hn::StoreU(hn::LoadU(d, from + i), d, to + i); });
    return;
  }
#if HWY_TARGET != HWY_SCALAR
  if constexpr (hn::MaxLanes(D()) > 1) {
    if (stride == 2 && 2 * count <= left) {
      return for_vectors(d, count, [&](std::int64_t i) {
        hn::Vec<D> even, odd;
        load_pairs(d, from + 2 * i, even, odd);
        hn::StoreU(even, d, to + i);
      });
    }
    if (stride == 2 && before) {
      return for_vectors(d, count, [&](std::int64_t i) {
        hn::Vec<D> even, odd;
        load_pairs(d, from + 2 * i - 1, even, odd);
        hn::StoreU(odd, d, to + i);
      });
    }
  }
#endif
  for (std::int64_t i = 0; i < count; ++i) to[i] = from[i * stride];
}

// At least a vector of pixels in each row.
template <class D>
void fill_rows(D d, const PhaseRows& p) {
  const std::int64_t count = p.last_pixel - p.first_pixel;
  std::int64_t h = p.h;
  float* to = p.to + p.first_pixel;
  for (std::int64_t row = 0; row < p.rows; ++row, h += p.stride_h, to += p.pitch) {
    if (h < 0 || h >= p.height) {
      for_vectors(d, count, [&](std::int64_t i) { hn::StoreU(hn::Zero(d), d, to + i); });
    } else {
      const std::int64_t at = h * p.width + p.offset + p.first_pixel * p.stride_w;
      fill_row(d, p.x + at, p.stride_w, count, p.height * p.width - at, at > 0, to);
    }
  }
}

void fill_phase(const PhaseRows& p) {
  const std::int64_t count = p.last_pixel - p.first_pixel;
  if (count == 0) return;
  if (count >= wide_lanes) return fill_rows(wide, p);
  if (count >= eight_lanes) return fill_rows(eight, p);
  if (count >= 4) return fill_rows(hn::CappedTag<float, 4>(), p);
  fill_rows(hn::CappedTag<float, 1>(), p);
}

// Zeros [begin, end), in whole vectors.
HWY_INLINE void zeros(float* to, std::int64_t begin, std::int64_t end) {
  for (std::int64_t i = begin; i < end; i += wide_lanes) {
    hn::StoreU(hn::Zero(wide), wide, to + i);
  }
}

void pad_rows(std::int64_t rows, std::int64_t pitch, Range pixels, float* to) {
  for (std::int64_t row = 0; row < rows; ++row, to += pitch) {
    zeros(to, 0, pixels.first);
    zeros(to, pixels.last, pitch);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {

ConvPlanes::Axis::Axis(std::int64_t kernel, std::int64_t stride, std::int64_t dilation) {
  for (std::int64_t tap = 0; tap < kernel; ++tap) {
    const std::int64_t phase = tap * dilation % stride;
    const auto known = std::ranges::find(phases, phase);
    phase_of.push_back(known - phases.begin());
    if (known == phases.end()) phases.push_back(phase);
    shift_of.push_back(tap * dilation / stride);
    reach = std::max(reach, shift_of.back());
  }
}

ConvPlanes::ConvPlanes(const Windows& windows, std::int64_t channels, std::int64_t most_rows)
    : windows_(windows),
      channels_(channels),
      h_(windows.kernel_h, windows.stride_h, windows.dilation_h),
      w_(windows.kernel_w, windows.stride_w, windows.dilation_w),
      rows_(most_rows + h_.reach),
      pitch_(windows.out_w + w_.reach),
      plane_(static_cast<std::int64_t>(h_.phases.size() * w_.phases.size()) * rows_ * pitch_) {}

std::vector<std::int32_t> ConvPlanes::taps() const {
  std::vector<std::int32_t> result;
  const auto phases_w = static_cast<std::int64_t>(w_.phases.size());
  for (std::int64_t c = 0; c < channels_; ++c) {
    for (std::size_t i = 0; i < h_.phase_of.size(); ++i) {
      for (std::size_t j = 0; j < w_.phase_of.size(); ++j) {
        const std::int64_t phase = h_.phase_of[i] * phases_w + w_.phase_of[j];
        const std::int64_t row = phase * rows_ + h_.shift_of[i];
        result.push_back(static_cast<std::int32_t>(c * plane_ + row * pitch_ + w_.shift_of[j]));
      }
    }
  }
  return result;
}

void ConvPlanes::pad(float* planes) const {
  const Windows& w = windows_;
  for (std::int64_t c = 0; c < channels_; ++c) {
    for (std::size_t i = 0; i < h_.phases.size(); ++i) {
      for (const std::int64_t phase : w_.phases) {
        RUSHLIGHT_DISPATCH(pad_rows)
        (rows_, pitch_, inside(pitch_, w.stride_w, phase - w.left, w.width), planes);
        planes += rows_ * pitch_;
      }
    }
  }
}

void ConvPlanes::fill(const float* x, std::int64_t first, std::int64_t rows, float* planes) const {
  const Windows& w = windows_;
  const auto fill_one = RUSHLIGHT_DISPATCH(fill_phase);
  for (std::int64_t c = 0; c < channels_; ++c, x += w.height * w.width) {
    for (const std::int64_t phase_h : h_.phases) {
      for (const std::int64_t phase_w : w_.phases) {
        const std::int64_t offset = phase_w - w.left;
        const Range pixels = inside(pitch_, w.stride_w, offset, w.width);
        fill_one({.x = x,
                  .height = w.height,
                  .width = w.width,
                  .h = first * w.stride_h + phase_h - w.top,
                  .stride_h = w.stride_h,
                  .rows = rows + h_.reach,
                  .offset = offset,
                  .stride_w = w.stride_w,
                  .first_pixel = pixels.first,
                  .last_pixel = pixels.last,
                  .pitch = pitch_,
                  .to = planes});
        planes += rows_ * pitch_;
      }
    }
  }
}

}  // namespace nn::kernels
#endif
