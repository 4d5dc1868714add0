#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace nn::kernels {

// One axis of a window that slides over a plane. Sizes are at least 1, padding at least 0.
struct PoolAxis {
  std::int64_t in = 0;   // cells of the input
  std::int64_t out = 0;  // windows
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t padding = 0;
  std::int64_t dilation = 1;
};

struct PoolPlane {
  PoolAxis h;
  PoolAxis w;
};

// The largest value of each window, [planes, H, W] -> [planes, OH, OW]; padding is -inf. NaN beats
// everything, the first of equal values (+0 and -0 too) is kept.
void max_pool2d(const PoolPlane& plane, std::span<const float> x, std::span<float> y);
// The same with the place of each in its plane, ih * W + iw: the first of equal values, the last
// NaN.
void max_pool2d_with_indices(const PoolPlane& plane, std::span<const float> x, std::span<float> y,
                             std::span<std::int64_t> indices);

struct AverageOptions {
  bool count_include_pad = true;
  std::optional<std::int64_t> divisor_override;
};

// The sum of each window, computed in double, divided by its cells: with count_include_pad those in
// the padding too, but none beyond it. A window outside the plane gives 0.  REQUIRES: no dilation.
void avg_pool2d(const PoolPlane& plane, const AverageOptions& options, std::span<const float> x,
                std::span<float> y);

// The mean of cells [⌊o·in/out⌋, ⌈(o+1)·in/out⌉) along each axis, computed in double; NaN when
// there are none. Of `plane` only `in` and `out` are read.
void adaptive_avg_pool2d(const PoolPlane& plane, std::span<const float> x, std::span<float> y);
// The largest of the same cells, and its place where `indices` is not empty.
void adaptive_max_pool2d(const PoolPlane& plane, std::span<const float> x, std::span<float> y,
                         std::span<std::int64_t> indices);

}  // namespace nn::kernels
