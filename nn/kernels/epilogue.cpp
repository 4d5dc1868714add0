#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/epilogue.cpp"
#include <algorithm>
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <nn/kernels/epilogue.h>
#include <nn/kernels/simd_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

template <class D>
HWY_INLINE hn::Vec<D> finished(D d, hn::Vec<D> sums, float bias, Clamp clamp) {
  const auto y = hn::Add(sums, hn::Set(d, bias));
  return clamped(d, y, clamp);
}

HWY_INLINE float larger(float a, float b) { return b > a || b != b ? b : a; }

void finish_row(const float* sums, std::int64_t width, float bias, Clamp clamp, float* y) {
  std::int64_t i = 0;
  for (; i + wide_lanes <= width; i += wide_lanes) {
    hn::StoreU(finished(wide, hn::LoadU(wide, sums + i), bias, clamp), wide, y + i);
  }
  for (; i < width; ++i) {
    const float value = sums[i] + bias;
    y[i] = clamped(value, clamp);
  }
}

// The same into other memory than the sums': what is left for the last vector, it takes with values
// before it.
void finish_row_apart(const float* sums, std::int64_t width, float bias, Clamp clamp, float* y) {
  if (width < wide_lanes) return finish_row(sums, width, bias, clamp, y);
  for (std::int64_t i = 0; i < width; i += wide_lanes) {
    i = std::min<std::int64_t>(i, width - wide_lanes);
    hn::StoreU(finished(wide, hn::LoadU(wide, sums + i), bias, clamp), wide, y + i);
  }
}

// Windows [i, windows) of two rows of sums as far as whole vectors go; returns where the rest
// begins. They are compared before the bias is added: adding rounds monotonically, so the result is
// the same.
template <class D>
HWY_INLINE std::int64_t finish_windows([[maybe_unused]] D d, [[maybe_unused]] const float* top,
                                       [[maybe_unused]] const float* bottom, std::int64_t i,
                                       [[maybe_unused]] std::int64_t windows,
                                       [[maybe_unused]] float bias, [[maybe_unused]] Clamp clamp,
                                       [[maybe_unused]] float* y) {
#if HWY_TARGET != HWY_SCALAR
  constexpr auto lanes = static_cast<std::int64_t>(hn::MaxLanes(d));
  for (; i + lanes <= windows; i += lanes) {
    const auto left = larger_or_nan(hn::LoadU(d, top + 2 * i), hn::LoadU(d, bottom + 2 * i));
    const auto right =
        larger_or_nan(hn::LoadU(d, top + 2 * i + lanes), hn::LoadU(d, bottom + 2 * i + lanes));
    const auto window =
        larger_or_nan(hn::ConcatEven(d, right, left), hn::ConcatOdd(d, right, left));
    hn::StoreU(finished(d, window, bias, clamp), d, y + i);
  }
#endif
  return i;
}

void finish_pooled_row(const float* top, const float* bottom, std::int64_t windows, float bias,
                       Clamp clamp, float* y) {
  std::int64_t i = finish_windows(eight, top, bottom, 0, windows, bias, clamp, y);
  i = finish_windows(hn::CappedTag<float, 4>(), top, bottom, i, windows, bias, clamp, y);
  for (; i < windows; ++i) {
    const float value =
        larger(larger(top[2 * i], top[2 * i + 1]), larger(bottom[2 * i], bottom[2 * i + 1])) + bias;
    y[i] = clamped(value, clamp);
  }
}

// One row of windows from two of pairs. What is left for the last vector, it takes with windows
// before it; where they fill none, vectors are smaller.
template <std::size_t N>
HWY_INLINE void finish_pairs_row(const float* top, const float* bottom, std::int64_t windows,
                                 float bias, Clamp clamp, float* y) {
  constexpr hn::CappedTag<float, N> d;
  constexpr auto lanes = static_cast<std::int64_t>(hn::MaxLanes(d));
  if constexpr (lanes > 1) {
    if (windows < lanes) {
      return finish_pairs_row<N / 2>(top, bottom, windows, bias, clamp, y);
    }
  }
  for (std::int64_t i = 0; i < windows; i += lanes) {
    i = std::min(i, windows - lanes);
    const auto window = larger_or_nan(hn::LoadU(d, top + i), hn::LoadU(d, bottom + i));
    hn::StoreU(finished(d, window, bias, clamp), d, y + i);
  }
}

void finish_pairs(const float* pairs, std::int64_t stride, std::int64_t rows, std::int64_t windows,
                  float bias, Clamp clamp, float* y) {
  bias += 0.0F;
  for (std::int64_t h = 0; h < rows; ++h, pairs += 2 * stride, y += windows) {
    finish_pairs_row<16>(pairs, pairs + stride, windows, bias, clamp, y);
  }
}

void finish(const float* sums, std::int64_t stride, std::int64_t height, std::int64_t width,
            float bias, Clamp clamp, bool max_pool, float* y) {
  bias += 0.0F;  // never -0, so that a zero becomes +0, whichever zero a window kept
  if (max_pool) {
    const std::int64_t windows = width / 2;
    for (std::int64_t h = 0; h + 1 < height; h += 2, sums += 2 * stride, y += windows) {
      finish_pooled_row(sums, sums + stride, windows, bias, clamp, y);
    }
  } else if (stride == width) {
    finish_row(sums, height * width, bias, clamp, y);
  } else {
    for (std::int64_t h = 0; h < height; ++h, sums += stride, y += width) {
      finish_row_apart(sums, width, bias, clamp, y);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {

void finish_plane(const float* sums, std::int64_t stride, std::int64_t height, std::int64_t width,
                  float bias, Clamp clamp, bool max_pool, float* y) {
  RUSHLIGHT_DISPATCH(finish)(sums, stride, height, width, bias, clamp, max_pool, y);
}

void finish_column_pairs(const float* pairs, std::int64_t stride, std::int64_t rows,
                         std::int64_t windows, float bias, Clamp clamp, float* y) {
  RUSHLIGHT_DISPATCH(finish_pairs)(pairs, stride, rows, windows, bias, clamp, y);
}

}  // namespace nn::kernels
#endif
