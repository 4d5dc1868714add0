// Per-target include: the input's and the output's side of Winograd's filtering (winograd_points.h)
// on values of a type V, the points of neighbouring tiles side by side in vectors.
#if defined(RUSHLIGHT_WINOGRAD_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef RUSHLIGHT_WINOGRAD_INL
#undef RUSHLIGHT_WINOGRAD_INL
#else
#define RUSHLIGHT_WINOGRAD_INL
#endif

#include <hwy/highway.h>

#include <nn/kernels/simd_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {

// factor * a + b
template <class D>
HWY_INLINE hn::Vec<D> plus(D d, float factor, hn::Vec<D> a, hn::Vec<D> b) {
  return hn::MulAdd(hn::Set(d, factor), a, b);
}

// Bᵀ d at the points 0, 1, -1, 2, -2, 1/2, -1/2, ∞: eight input values become eight values at
// points. Row j of Bᵀ holds the coefficients of the product of x - p over the other points p; rows
// of ±p share their sums.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void input_points(D d, V (&x)[8]) {
  const V even1 = plus(d, -4.25F, x[4], hn::Add(x[2], x[6]));
  const V odd1 = plus(d, -4.25F, x[3], hn::Add(x[1], x[5]));
  const V even2 = plus(d, -1.25F, x[4], plus(d, 0.25F, x[2], x[6]));
  const V odd2 = plus(d, 2.0F, x[5], plus(d, -2.5F, x[3], hn::Mul(hn::Set(d, 0.5F), x[1])));
  const V even3 = plus(d, -5.0F, x[4], plus(d, 4.0F, x[2], x[6]));
  const V odd3 = plus(d, 0.5F, x[5], plus(d, -2.5F, x[3], hn::Mul(hn::Set(d, 2.0F), x[1])));
  x[0] = plus(d, 5.25F, hn::Sub(x[2], x[4]), hn::Sub(x[6], x[0]));
  x[7] = plus(d, 5.25F, hn::Sub(x[3], x[5]), hn::Sub(x[7], x[1]));
  x[1] = hn::Add(even1, odd1);
  x[2] = hn::Sub(even1, odd1);
  x[3] = hn::Add(even2, odd2);
  x[4] = hn::Sub(even2, odd2);
  x[5] = hn::Add(even3, odd3);
  x[6] = hn::Sub(even3, odd3);
}

// The same at the points 0, 1, -1, 2, -2, ∞.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void input_points(D d, V (&x)[6]) {
  const V even1 = plus(d, -4.0F, x[2], x[4]);
  const V odd1 = plus(d, -4.0F, x[1], x[3]);
  const V even2 = hn::Sub(x[4], x[2]);
  const V odd2 = hn::Add(hn::Sub(x[3], x[1]), hn::Sub(x[3], x[1]));
  x[0] = plus(d, -5.0F, x[2], plus(d, 4.0F, x[0], x[4]));
  x[5] = plus(d, -5.0F, x[3], plus(d, 4.0F, x[1], x[5]));
  x[1] = hn::Add(even1, odd1);
  x[2] = hn::Sub(even1, odd1);
  x[3] = hn::Add(even2, odd2);
  x[4] = hn::Sub(even2, odd2);
}

// Aᵀ m: M outputs from values at eight points, y_i = Σ p_jⁱ m_j, and the point ∞ in the last one.
template <int M, class D, class V = hn::Vec<D>>
HWY_INLINE void output_points(D d, const V (&m)[8], V (&y)[M]) {
  static_assert(M == 4 || M == 6);
  const V sum1 = hn::Add(m[1], m[2]), difference1 = hn::Sub(m[1], m[2]);
  const V sum2 = hn::Add(m[3], m[4]), difference2 = hn::Sub(m[3], m[4]);
  const V sum3 = hn::Add(m[5], m[6]), difference3 = hn::Sub(m[5], m[6]);
  y[0] = hn::Add(hn::Add(m[0], sum1), hn::Add(sum2, sum3));
  y[1] = plus(d, 0.5F, difference3, plus(d, 2.0F, difference2, difference1));
  y[2] = plus(d, 0.25F, sum3, plus(d, 4.0F, sum2, sum1));
  const V at3 = M == 4 ? hn::Add(difference1, m[7]) : difference1;
  y[3] = plus(d, 0.125F, difference3, plus(d, 8.0F, difference2, at3));
  if constexpr (M == 6) {
    y[4] = plus(d, 0.0625F, sum3, plus(d, 16.0F, sum2, sum1));
    y[5] = plus(d, 0.03125F, difference3, plus(d, 32.0F, difference2, hn::Add(difference1, m[7])));
  }
}

// The same from six points.
template <int M, class D, class V = hn::Vec<D>>
HWY_INLINE void output_points(D d, const V (&m)[6], V (&y)[M]) {
  static_assert(M == 4);
  const V sum1 = hn::Add(m[1], m[2]), difference1 = hn::Sub(m[1], m[2]);
  const V sum2 = hn::Add(m[3], m[4]), difference2 = hn::Sub(m[3], m[4]);
  y[0] = hn::Add(hn::Add(m[0], sum1), sum2);
  y[1] = plus(d, 2.0F, difference2, difference1);
  y[2] = plus(d, 4.0F, sum2, sum1);
  y[3] = plus(d, 8.0F, difference2, hn::Add(difference1, m[5]));
}

}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#endif
