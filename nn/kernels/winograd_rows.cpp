#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/winograd_rows.cpp"
#include <algorithm>
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <nn/kernels/simd_inl.h>
#include <nn/kernels/winograd_inl.h>
#include <nn/kernels/winograd_points.h>
#include <nn/kernels/winograd_rows.h>

#ifndef RUSHLIGHT_WINOGRAD_ROWS_COMMON
#define RUSHLIGHT_WINOGRAD_ROWS_COMMON
namespace nn::kernels {

// A plane as `columns` tiles of four outputs a row. Tiles of all rows stand side by side, so that
// vectors run over them without regard to rows: the tile below is `columns` further on.
struct RowGrid {
  explicit RowGrid(const Windows& w)
      : columns((w.out_w + 3) / 4),
        rows_in(w.out_h + w.kernel_h - 1),
        tiles(w.out_h * columns),
        // Vectors may begin at the last tile of the last kernel row.
        step((rows_in * columns + 16 + 15) / 16 * 16) {}

  std::int64_t columns, rows_in, tiles;
  std::int64_t step;  // from one point's values to the next point's
};

inline int points_of(const Windows& w) { return w.kernel_h == 5 ? 8 : 6; }

}  // namespace nn::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

// Output channels computed together, so that each value at points is loaded once for them.
#if HWY_MAX_BYTES >= 64 || HWY_ARCH_ARM_A64
constexpr int channels_together = 2;
#else
constexpr int channels_together = 1;
#endif

// One channel's plane into values at points: values[point * step + tile].
template <int Points>
void plane_at_points(const Windows& w, const RowGrid& grid, const float* x, float* values) {
  // The pixels that each tile sees, pixel by pixel; zeros in the padding.
  for (std::int64_t r = 0; r < grid.rows_in; ++r) {
    const std::int64_t h = r - w.top;
    float* to = values + r * grid.columns;
    for (std::int64_t t = 0; t < grid.columns; ++t) {
      const std::int64_t first = 4 * t - w.left;
      if (h >= 0 && h < w.height && first >= 0 && first + Points <= w.width) {
        for (int k = 0; k < Points; ++k) to[k * grid.step + t] = x[h * w.width + first + k];
      } else {
        for (int k = 0; k < Points; ++k) {
          const std::int64_t v = first + k;
          const bool inside = h >= 0 && h < w.height && v >= 0 && v < w.width;
          to[k * grid.step + t] = inside ? x[h * w.width + v] : 0.0F;
        }
      }
    }
  }
  for (std::int64_t t = 0; t < grid.rows_in * grid.columns; t += wide_lanes) {
    hn::Vec<Wide> at[Points];
    for (int k = 0; k < Points; ++k) at[k] = hn::Load(wide, values + k * grid.step + t);
    input_points(wide, at);
    for (int k = 0; k < Points; ++k) hn::Store(at[k], wide, values + k * grid.step + t);
  }
}

// `Channels` planes of sums, [out_h, 4 * columns] each, `plane` floats apart; for a pool only the
// larger of each two columns, [out_h, 2 * columns]. weight: [in, kernel row, point] of each channel,
// one behind the other.
template <int Points, int Channels>
void rows_of_sums(const ConvShape& s, const RowGrid& grid, const float* values, const float* weight,
                  bool in_pairs, float* sums, std::int64_t plane) {
  using V = hn::Vec<Wide>;
  const std::int64_t kernel = s.windows.kernel_h;
  const std::int64_t filter = s.in_channels * kernel * Points;
  for (std::int64_t t = 0; t < grid.tiles; t += wide_lanes) {
    V m[Channels][Points];
    HWY_UNROLL(8)
    for (int o = 0; o < Channels; ++o) {
      HWY_UNROLL(8)
      for (int k = 0; k < Points; ++k) m[o][k] = hn::Zero(wide);
    }
    const float* factor = weight;
    for (std::int64_t c = 0; c < s.in_channels; ++c) {
      const float* value = values + c * Points * grid.step + t;
      for (std::int64_t i = 0; i < kernel; ++i, value += grid.columns, factor += Points) {
        HWY_UNROLL(8)
        for (int k = 0; k < Points; ++k) {
          const V x = in_register(hn::LoadU(wide, value + k * grid.step));
          HWY_UNROLL(8)
          for (int o = 0; o < Channels; ++o) {
            m[o][k] = hn::MulAdd(hn::Set(wide, factor[o * filter + k]), x, m[o][k]);
          }
        }
      }
    }
    HWY_UNROLL(8)
    for (int o = 0; o < Channels; ++o) {
      V y[4];
      output_points<4>(wide, m[o], y);
      float* const to = sums + o * plane;
      if (in_pairs) {
        hn::StoreInterleaved2(larger_or_nan(y[0], y[1]), larger_or_nan(y[2], y[3]), wide,
                              to + 2 * t);
      } else {
        hn::StoreInterleaved4(y[0], y[1], y[2], y[3], wide, to + 4 * t);
      }
    }
  }
}

template <int Points>
void run(const ConvShape& s, std::int64_t images, const float* x, const float* packed,
         const Epilogue& epilogue, const Part& part, float* y, float* scratch) {
  const Windows& w = s.windows;
  const std::int64_t first = part.begin(s.out_channels), last = part.end(s.out_channels);
  const RowGrid grid(w);
  const std::int64_t plane = 4 * (grid.tiles + 16);
  const std::int64_t filter = s.in_channels * w.kernel_h * Points;
  const std::int64_t y_plane =
      epilogue.max_pool ? (w.out_h / 2) * (w.out_w / 2) : w.out_h * w.out_w;
  float* const values = scratch;
  float* const sums = values + s.in_channels * Points * grid.step;
  for (std::int64_t n = 0; n < images; ++n, y += s.out_channels * y_plane) {
    for (std::int64_t c = 0; c < s.in_channels; ++c, x += w.height * w.width) {
      plane_at_points<Points>(w, grid, x, values + c * Points * grid.step);
    }
    for (std::int64_t o = first; o < last;) {
      const std::int64_t left = last - o;
      const std::int64_t count = std::min<std::int64_t>(left, channels_together);
      const float* weight = packed + o * filter;
      if (count == channels_together) {
        rows_of_sums<Points, channels_together>(s, grid, values, weight, epilogue.max_pool, sums,
                                                plane);
      } else {
        for (std::int64_t i = 0; i < count; ++i) {
          rows_of_sums<Points, 1>(s, grid, values, weight + i * filter, epilogue.max_pool,
                                  sums + i * plane, plane);
        }
      }
      for (std::int64_t i = 0; i < count; ++i, ++o) {
        const float bias = epilogue.bias == nullptr ? 0.0F : epilogue.bias[o];
        if (epilogue.max_pool) {
          finish_column_pairs(sums + i * plane, 2 * grid.columns, w.out_h / 2, w.out_w / 2, bias,
                              epilogue.clamp, y + o * y_plane);
        } else {
          finish_plane(sums + i * plane, 4 * grid.columns, w.out_h, w.out_w, bias, epilogue.clamp,
                       false, y + o * y_plane);
        }
      }
    }
  }
}

void rows_run(const ConvShape& s, std::int64_t images, const float* x, const float* packed,
              const Epilogue& epilogue, const Part& part, float* y, float* scratch) {
  if (s.windows.kernel_h == 5) {
    run<8>(s, images, x, packed, epilogue, part, y, scratch);
  } else {
    run<6>(s, images, x, packed, epilogue, part, y, scratch);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {
namespace {
constexpr std::int64_t most_together = 2;
}  // namespace

std::int64_t winograd_rows_packed_size(const ConvShape& s) {
  return s.out_channels * s.in_channels * s.windows.kernel_h * points_of(s.windows);
}

void winograd_rows_pack(const ConvShape& s, const float* weight, float* packed) {
  const auto r = static_cast<int>(s.windows.kernel_h);
  const int points = points_of(s.windows);
  for (std::int64_t row = 0; row < s.out_channels * s.in_channels * r;
       ++row, weight += r, packed += points) {
    double values[8];
    winograd_filter(points, r, weight, values);
    std::transform(values, values + points, packed,
                   [](double value) { return static_cast<float>(value); });
  }
}

std::int64_t winograd_rows_scratch(const ConvShape& s) {
  const RowGrid grid(s.windows);
  return s.in_channels * points_of(s.windows) * grid.step + most_together * 4 * (grid.tiles + 16);
}

void winograd_rows(const ConvShape& shape, std::int64_t images, const float* x, const float* packed,
                   const Epilogue& epilogue, const Part& part, float* y, float* scratch) {
  RUSHLIGHT_DISPATCH(rows_run)(shape, images, x, packed, epilogue, part, y, scratch);
}

}  // namespace nn::kernels
#endif
