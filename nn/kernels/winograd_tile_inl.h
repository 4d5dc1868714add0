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
// Rows become columns.
HWY_INLINE void transpose(EightVector (&r)[8]) {
  const hn::Repartition<double, Eight> pairs;
  EightVector t[8], u[8];
  for (int i = 0; i < 8; i += 2) {
    t[i] = hn::InterleaveLower(eight, r[i], r[i + 1]);
    t[i + 1] = hn::InterleaveUpper(eight, r[i], r[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    for (int j = 0; j < 2; ++j) {
      const auto a = hn::BitCast(pairs, t[i + j]);
      const auto b = hn::BitCast(pairs, t[i + 2 + j]);
      u[i + 2 * j] = hn::BitCast(eight, hn::InterleaveLower(pairs, a, b));
      u[i + 2 * j + 1] = hn::BitCast(eight, hn::InterleaveUpper(pairs, a, b));
    }
  }
  for (int i = 0; i < 4; ++i) {
    r[i] = hn::ConcatLowerLower(eight, u[i + 4], u[i]);
    r[i + 4] = hn::ConcatUpperUpper(eight, u[i + 4], u[i]);
  }
}
#endif

// An 8 × 8 tile of pixels into its values at points: values[chunk * chunk_step + …].
HWY_INLINE void tile_at_points(const float* x, std::int64_t stride, float* values,
                               std::int64_t chunk_step) {
#if HWY_MAX_BYTES >= 32
  EightVector d[8];
  for (int i = 0; i < 8; ++i) d[i] = hn::LoadU(eight, x + i * stride);
  input_points(eight, d);
  transpose(d);
  input_points(eight, d);
  for (int i = 0; i < 8; ++i) {
    hn::StoreU(d[i], eight, values + 8 * i / wide_lanes * chunk_step + 8 * i % wide_lanes);
  }
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
      const int at = 8 * i + part * eight_lanes;
      hn::StoreU(d[i], eight, values + at / wide_lanes * chunk_step + at % wide_lanes);
    }
  }
#endif
}

#if HWY_MAX_BYTES >= 32
// The sums of one output channel for two neighbouring tiles (M = 4) or one (M = 6) become its
// outputs: rows[i] holds pixels 0 … M - 1 of row i, with M = 4 those of the second tile behind
// them.
template <int M>
HWY_INLINE void outputs_of(const float* first, const float* second, EightVector (&rows)[M]) {
  EightVector m[8], columns[8], half[M];
  for (int i = 0; i < 8; ++i) m[i] = hn::Load(eight, first + 8 * i);
  output_points<M>(eight, m, half);
  for (int i = 0; i < M; ++i) columns[i] = half[i];
  if constexpr (M == 4) {
    for (int i = 0; i < 8; ++i) m[i] = hn::Load(eight, second + 8 * i);
    output_points<M>(eight, m, half);
    for (int i = 0; i < 4; ++i) columns[4 + i] = half[i];
  } else {
    columns[6] = columns[7] = hn::Zero(eight);
  }
  transpose(columns);
  output_points<M>(eight, columns, rows);
}

HWY_INLINE EightVector finished(EightVector sums, EightVector bias, bool with_relu) {
  const EightVector y = hn::Add(sums, bias);
  return with_relu ? relu(eight, y) : y;
}

// The largest of each 2 × 2 pixels: the windows of rows `a` and `b` in lanes 0 … 3, those of `c`
// and `d` in 4 … 7.
HWY_INLINE EightVector pool_rows(EightVector a, EightVector b, EightVector c, EightVector d) {
  const EightVector above = larger_or_nan(a, b), below = larger_or_nan(c, d);
  return larger_or_nan(hn::ConcatEven(eight, below, above), hn::ConcatOdd(eight, below, above));
}

// Bias, ReLU and pool on `outputs_of`; `y` has one row of outputs in 8 lanes, or with the pool two
// in 4 each. Returns the number of vectors.
template <int M>
HWY_INLINE int finish_tiles(const float* first, const float* second, EightVector bias,
                            const Epilogue& epilogue, EightVector (&y)[M]) {
  EightVector rows[M];
  outputs_of<M>(first, second, rows);
  if (epilogue.max_pool) {
    y[0] = finished(pool_rows(rows[0], rows[1], rows[2], rows[3]), bias, epilogue.relu);
    if constexpr (M == 4) return 1;
    y[1] = finished(pool_rows(rows[M - 2], rows[M - 1], rows[M - 2], rows[M - 1]), bias,
                    epilogue.relu);
    return 2;
  }
  HWY_UNROLL(8)
  for (int i = 0; i < M; ++i) y[i] = finished(rows[i], bias, epilogue.relu);
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
