// Per-target include: one tile of 8 × 8 points, from pixels to values at points and from sums of
// their products to outputs.
#if defined(RUSHLIGHT_WINOGRAD_TILE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef RUSHLIGHT_WINOGRAD_TILE_INL
#undef RUSHLIGHT_WINOGRAD_TILE_INL
#else
#define RUSHLIGHT_WINOGRAD_TILE_INL
#endif

#include <hwy/highway.h>

#include <nn/kernels/epilogue.h>
#include <nn/kernels/simd_inl.h>
#include <nn/kernels/winograd_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {

// Eight floats side by side.
constexpr int row_parts = 8 / eight_lanes;
using EightVector = hn::Vec<Eight>;

#if HWY_MAX_BYTES >= 32
// Rows become columns: of one tile, or of two in the halves of wider vectors.
template <class D>
HWY_INLINE void transpose(D d, hn::Vec<D> (&r)[8]) {
  const hn::Repartition<double, D> pairs;
  hn::Vec<D> t[8], u[8];
  for (int i = 0; i < 8; i += 2) {
    t[i] = hn::InterleaveLower(d, r[i], r[i + 1]);
    t[i + 1] = hn::InterleaveUpper(d, r[i], r[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    for (int j = 0; j < 2; ++j) {
      const auto a = hn::BitCast(pairs, t[i + j]);
      const auto b = hn::BitCast(pairs, t[i + 2 + j]);
      u[i + 2 * j] = hn::BitCast(d, hn::InterleaveLower(pairs, a, b));
      u[i + 2 * j + 1] = hn::BitCast(d, hn::InterleaveUpper(pairs, a, b));
    }
  }
  for (int i = 0; i < 4; ++i) {
    if constexpr (hn::MaxLanes(d) == 8) {
      r[i] = hn::ConcatLowerLower(d, u[i + 4], u[i]);
      r[i + 4] = hn::ConcatUpperUpper(d, u[i + 4], u[i]);
    } else {
      r[i] = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(u[i + 4]), u[i]);
      r[i + 4] = hn::OddEvenBlocks(u[i + 4], hn::SwapAdjacentBlocks(u[i]));
    }
  }
}
#endif

// Tiles stand in units, side by side in the halves of vectors of sixteen floats; with fewer lanes a
// unit is a tile. Its 64 values are 8 vectors, one a row; more of fewer lanes.
constexpr int slots = wide_lanes > 8 ? wide_lanes / 8 : 1;
constexpr int point_lanes = wide_lanes / slots;
constexpr int chunk_count = 64 / point_lanes;

#if HWY_MAX_BYTES >= 32
// 8 × 8 pixels, `row(i)` a row of them, into their values at points: values[i * chunk_step + …].
template <class D, class Row>
HWY_INLINE void rows_at_points(D d, Row row, float* values, std::int64_t chunk_step) {
  hn::Vec<D> x[8];
  HWY_UNROLL(8)
  for (int i = 0; i < 8; ++i) x[i] = row(i);
  input_points(d, x);
  transpose(d, x);
  input_points(d, x);
  HWY_UNROLL(8)
  for (int i = 0; i < 8; ++i) hn::Store(x[i], d, values + i * chunk_step);
}
#endif

// A tile into its slot of a unit.
HWY_INLINE void tile_at_points(const float* x, std::int64_t stride, float* values,
                               std::int64_t chunk_step) {
#if HWY_MAX_BYTES >= 32
  const auto row = [&](int i) HWY_ATTR { return hn::LoadU(eight, x + i * stride); };
  rows_at_points(eight, row, values, chunk_step);
#else
  HWY_ALIGN float rows[64], columns[64];
  for (int part = 0; part < row_parts; ++part) {
    EightVector d[8];
    for (int i = 0; i < 8; ++i) d[i] = hn::LoadU(eight, x + i * stride + part * eight_lanes);
    input_points(eight, d);
    for (int i = 0; i < 8; ++i) hn::StoreU(d[i], eight, rows + 8 * i + part * eight_lanes);
  }
  for (int i = 0; i < 64; ++i) columns[i] = rows[i % 8 * 8 + i / 8];
  for (int part = 0; part < row_parts; ++part) {
    EightVector d[8];
    for (int i = 0; i < 8; ++i) d[i] = hn::LoadU(eight, columns + 8 * i + part * eight_lanes);
    input_points(eight, d);
    for (int i = 0; i < 8; ++i) {
      hn::StoreU(d[i], eight, values + (i * row_parts + part) * chunk_step);
    }
  }
#endif
}

#if HWY_MAX_BYTES >= 64
// The two tiles of a unit.
HWY_INLINE void unit_at_points(const float* first, const float* second, std::int64_t stride,
                               float* values, std::int64_t chunk_step) {
  const auto row = [&](int i) HWY_ATTR {
    return hn::Combine(wide, hn::LoadU(eight, second + i * stride),
                       hn::LoadU(eight, first + i * stride));
  };
  rows_at_points(wide, row, values, chunk_step);
}
#endif

#if HWY_MAX_BYTES >= 32
using WideVector = hn::Vec<Wide>;

// The sums of one output channel for two units (M = 4) or one (M = 6) become its outputs: each half
// of rows[i] (of 16 lanes; else all of it) holds pixels 0 … M - 1 of row i of the first unit's
// tile, with M = 4 those of the second unit's behind them.
template <int M>
HWY_INLINE void outputs_of(const float* first, const float* second, WideVector (&rows)[M]) {
  WideVector m[8], columns[8], half[M];
  for (int i = 0; i < 8; ++i) m[i] = hn::Load(wide, first + i * wide_lanes);
  output_points<M>(wide, m, half);
  for (int i = 0; i < M; ++i) columns[i] = half[i];
  if constexpr (M == 4) {
    for (int i = 0; i < 8; ++i) m[i] = hn::Load(wide, second + i * wide_lanes);
    output_points<M>(wide, m, half);
    for (int i = 0; i < 4; ++i) columns[4 + i] = half[i];
  } else {
    columns[6] = columns[7] = hn::Zero(wide);
  }
  transpose(wide, columns);
  output_points<M>(wide, columns, rows);
}

HWY_INLINE WideVector finished(WideVector sums, WideVector bias, Clamp clamp) {
  return clamped(wide, hn::Add(sums, bias), clamp);
}

// The largest of each 2 × 2 pixels: the windows of rows `a` and `b` in the lower half, those of `c`
// and `d` in the upper one.
HWY_INLINE WideVector pool_rows(WideVector a, WideVector b, WideVector c, WideVector d) {
  const WideVector above = larger_or_nan(a, b), below = larger_or_nan(c, d);
  return larger_or_nan(hn::ConcatEven(wide, below, above), hn::ConcatOdd(wide, below, above));
}

// Bias, ReLU and pool on `outputs_of`; y[i] is one row of outputs, or with the pool two rows, one
// in each half. Returns the number of vectors.
template <int M>
HWY_INLINE int finish_units(const float* first, const float* second, WideVector bias,
                            const Epilogue& epilogue, WideVector (&y)[M]) {
  WideVector rows[M];
  outputs_of<M>(first, second, rows);
  if (epilogue.max_pool) {
    y[0] = finished(pool_rows(rows[0], rows[1], rows[2], rows[3]), bias, epilogue.clamp);
    if constexpr (M == 4) return 1;
    y[1] = finished(pool_rows(rows[M - 2], rows[M - 1], rows[M - 2], rows[M - 1]), bias,
                    epilogue.clamp);
    return 2;
  }
  HWY_UNROLL(8)
  for (int i = 0; i < M; ++i) y[i] = finished(rows[i], bias, epilogue.clamp);
  return M;
}
#else
template <int M>
HWY_INLINE void outputs_of(const float* sums, float* rows) {
  HWY_ALIGN float half[64] = {}, columns[64];
  for (int part = 0; part < row_parts; ++part) {
    EightVector m[8], y[M];
    for (int i = 0; i < 8; ++i) m[i] = hn::LoadU(eight, sums + 8 * i + part * eight_lanes);
    output_points<M>(eight, m, y);
    for (int i = 0; i < M; ++i) hn::StoreU(y[i], eight, half + 8 * i + part * eight_lanes);
  }
  for (int i = 0; i < 64; ++i) columns[i] = half[i % 8 * 8 + i / 8];
  for (int part = 0; part < row_parts; ++part) {
    EightVector m[8], y[M];
    for (int i = 0; i < 8; ++i) m[i] = hn::LoadU(eight, columns + 8 * i + part * eight_lanes);
    output_points<M>(eight, m, y);
    for (int i = 0; i < M; ++i) hn::StoreU(y[i], eight, rows + 8 * i + part * eight_lanes);
  }
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#endif
