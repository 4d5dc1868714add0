// Per-target include: e^y in float and double, for the elementwise functions. The guard toggles, so
// that foreach_target.h compiles it once for each instruction set.
#if defined(RUSHLIGHT_EXP_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef RUSHLIGHT_EXP_INL
#undef RUSHLIGHT_EXP_INL
#else
#define RUSHLIGHT_EXP_INL
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// e^r - 1 for |r| ≤ ln(2)/2: the minimax polynomial r + r² (c0 + … + c4 r⁴), 3.2e-9 off at most,
// where the last place of a float near 1 is 6e-8. Relative to a small result it is exact to r³.
template <class D>
HWY_INLINE hn::Vec<D> expm1_near_zero(D d, hn::Vec<D> r) {
  using T = hn::TFromD<D>;
  auto p = hn::Set(d, static_cast<T>(0.00139506568262));
  p = hn::MulAdd(p, r, hn::Set(d, static_cast<T>(0.00836895331547)));
  p = hn::MulAdd(p, r, hn::Set(d, static_cast<T>(0.04166620326)));
  p = hn::MulAdd(p, r, hn::Set(d, static_cast<T>(0.166665183092)));
  p = hn::MulAdd(p, r, hn::Set(d, static_cast<T>(0.500000009597)));
  return hn::MulAdd(hn::Mul(r, r), p, r);
}

// e^y / 2 = half_power (1 + rest) where half_power = 2^(n-1), y = n ln(2) + r and |r| ≤ ln(2)/2.
// Half of it, because 2^128 is no float and e^88.7 is one.
template <class D>
struct ExpParts {
  hn::Vec<D> half_power;
  hn::Vec<D> rest;
};

// y from -87 to 88.73 or NaN; anything beyond gives anything.
template <class D>
HWY_INLINE ExpParts<D> exp_parts(D d, hn::Vec<D> y) {
  // Adding 1.5 · 2^23 rounds to an integer, which then sits in the low bits: here n - 1 with a
  // float's bias.
  const auto round = hn::Set(d, 12582912.0F + 126);
  const auto shifted = hn::MulAdd(y, hn::Set(d, 1.44269504F), round);
  const auto n = hn::Sub(shifted, round);
  // ln(2) in two parts (Cody and Waite): n times the first is exact, so that nothing asks for an
  // FMA.
  auto r = hn::NegMulAdd(n, hn::Set(d, 0.693359375F), y);
  r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4F), r);
  const hn::RebindToUnsigned<D> bits;
  return {hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(bits, shifted))), expm1_near_zero(d, r)};
}

// e^y in double, 4e-9 off at most; y from -700 to 700 or NaN.
template <class D>
HWY_INLINE hn::Vec<D> exp(D d, hn::Vec<D> y) {
  const auto round = hn::Set(d, 6755399441055744.0 + 1023);  // 1.5 · 2^52, as above
  const auto shifted = hn::MulAdd(y, hn::Set(d, 1.4426950408889634), round);
  const auto n = hn::Sub(shifted, round);
  const auto r = hn::NegMulAdd(n, hn::Set(d, 0.6931471805599453), y);
  const hn::RebindToUnsigned<D> bits;
  const auto power = hn::BitCast(d, hn::ShiftLeft<52>(hn::BitCast(bits, shifted)));
  return hn::MulAdd(power, expm1_near_zero(d, r), power);
}

}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#endif
