#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/pool_rows.cpp"
#include <algorithm>
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>
#include <limits>

#include <nn/kernels/pool_rows.h>
#include <nn/kernels/simd_inl.h>

#ifndef RUSHLIGHT_POOL_ROWS_WINDOWS
#define RUSHLIGHT_POOL_ROWS_WINDOWS
namespace nn::kernels {

// Windows of one row of outputs: the input's rows [0, rows) that they cover, and the columns whose
// windows lie within the input.
struct RowOfWindows {
  const float* x;  // the first of these rows
  std::int64_t rows;
  std::int64_t first, last;
};

}  // namespace nn::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

// A vector of windows, cells in the order of rows: of equal values the first stays.
template <int Stride, class D>
HWY_INLINE void windows_of(D d, const PoolAxis& w, const RowOfWindows& row, std::int64_t at,
                           float* y) {
  auto best = hn::Set(d, -std::numeric_limits<float>::infinity());
  const float* from = row.x + at * Stride - w.padding;
  for (std::int64_t i = 0; i < row.rows; ++i, from += w.in) {
    if constexpr (Stride == 1) {
      for (std::int64_t k = 0; k < w.kernel; ++k) best = pool_max(best, hn::LoadU(d, from + k));
    } else {
      hn::Vec<D> even, odd;
      std::int64_t k = 0;
      for (; k + 2 <= w.kernel; k += 2) {
        load_pairs(d, from + k, even, odd);
        best = pool_max(pool_max(best, even), odd);
      }
      if (k < w.kernel) {  // not read as the first of a pair, behind which there may be nothing
        load_pairs(d, from + k - 1, even, odd);
        best = pool_max(best, odd);
      }
    }
  }
  hn::StoreU(best, d, y + at);
}

template <int Stride, class D>
HWY_INLINE void row_of_windows(D d, const PoolAxis& w, const RowOfWindows& row, float* y) {
  constexpr auto lanes = static_cast<std::int64_t>(hn::MaxLanes(d));
  std::int64_t at = row.first;
  for (; at + lanes <= row.last; at += lanes) windows_of<Stride>(d, w, row, at, y);
  // What is left together with what is done.
  if (at < row.last) windows_of<Stride>(d, w, row, row.last - lanes, y);
}

template <int Stride>
void pool_row(const PoolAxis& w, const RowOfWindows& row, float* y) {
  const std::int64_t count = row.last - row.first;
  if (count >= wide_lanes) return row_of_windows<Stride>(wide, w, row, y);
  if (count >= eight_lanes) return row_of_windows<Stride>(eight, w, row, y);
  if (count >= 4) return row_of_windows<Stride>(hn::CappedTag<float, 4>(), w, row, y);
  row_of_windows<Stride>(hn::CappedTag<float, 1>(), w, row, y);
}

void pool_row_of(const PoolAxis& w, const RowOfWindows& row, float* y) {
  (w.stride == 1 ? pool_row<1> : pool_row<2>)(w, row, y);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {
namespace {

// Windows [first, last) that lie within the input.
struct Within {
  std::int64_t first, last;
};

Within within_of(const PoolAxis& axis) {
  const std::int64_t first = (axis.padding + axis.stride - 1) / axis.stride;
  const std::int64_t room = axis.in - axis.kernel + axis.padding;
  const std::int64_t last = room < 0 ? 0 : room / axis.stride + 1;
  return {std::min(first, axis.out), std::clamp(last, std::min(first, axis.out), axis.out)};
}

// A window at the edge, of columns [column, column + w.kernel).
float at_edge(const PoolAxis& w, const RowOfWindows& row, std::int64_t column) {
  float best = -std::numeric_limits<float>::infinity();
  const std::int64_t begin = std::max<std::int64_t>(column, 0);
  const std::int64_t end = std::min(column + w.kernel, w.in);
  for (std::int64_t i = 0; i < row.rows; ++i) {
    for (std::int64_t at = begin; at < end; ++at) {
      const float value = row.x[i * w.in + at];
      if (value > best || value != value) best = value;
    }
  }
  return best;
}

}  // namespace

bool max_pool_rows_serves(const PoolPlane& plane) {
  const auto& [h, w] = plane;
  if (h.dilation != 1 || w.dilation != 1 || w.stride > 2 || w.kernel < 2) return false;
  const Within within = within_of(w);
  return within.last - within.first >= 4;
}

void max_pool_rows(const PoolPlane& plane, std::int64_t planes, const float* x, float* y) {
  const auto& [h, w] = plane;
  const Within within = within_of(w);
  const auto pool = RUSHLIGHT_DISPATCH(pool_row_of);
  for (std::int64_t p = 0; p < planes; ++p, x += h.in * w.in) {
    for (std::int64_t oh = 0; oh < h.out; ++oh, y += w.out) {
      const std::int64_t start = oh * h.stride - h.padding;
      const std::int64_t first = std::max<std::int64_t>(start, 0);
      const std::int64_t last = std::max(first, std::min(start + h.kernel, h.in));
      const RowOfWindows row{x + first * w.in, last - first, within.first, within.last};
      for (std::int64_t ow = 0; ow < w.out; ++ow) {
        if (ow == within.first) ow = within.last;
        if (ow < w.out) y[ow] = at_edge(w, row, ow * w.stride - w.padding);
      }
      pool(w, row, y);
    }
  }
}

}  // namespace nn::kernels
#endif
