// Per-target include: ELU, softplus, mish and log-sigmoid in double, for results that end as float.
// The guard toggles, so that foreach_target.h compiles it once for each instruction set.
#if defined(RUSHLIGHT_CURVES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef RUSHLIGHT_CURVES_INL
#undef RUSHLIGHT_CURVES_INL
#else
#define RUSHLIGHT_CURVES_INL
#endif

#include <hwy/highway.h>

#include <nn/kernels/exp_inl.h>
#include <nn/kernels/simd_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// e^y for y ≤ 700, and 0 below `least`, so that inf · 0 is NaN as in PyTorch.
template <class D>
HWY_INLINE hn::Vec<D> exp_or_zero(D d, hn::Vec<D> y, double least) {
  const auto power = exp(d, at_least(d, y, least));
  return hn::IfThenElse(hn::Lt(y, hn::Set(d, least)), hn::Zero(d), power);
}

// e^y - 1 for y ≤ 700, without losing places near 0.
template <class D>
HWY_INLINE hn::Vec<D> expm1(D d, hn::Vec<D> y) {
  y = at_least(d, y, -120.0);
  const auto round = hn::Set(d, 6755399441055744.0 + 1023);  // as in exp
  const auto shifted = hn::MulAdd(y, hn::Set(d, 1.4426950408889634), round);
  const auto n = hn::Sub(shifted, round);
  const auto r = hn::NegMulAdd(n, hn::Set(d, 0.6931471805599453), y);
  const hn::RebindToUnsigned<D> bits;
  const auto power = hn::BitCast(d, hn::ShiftLeft<52>(hn::BitCast(bits, shifted)));
  return hn::MulAdd(power, expm1_near_zero(d, r), hn::Sub(power, hn::Set(d, 1.0)));
}

// log(1 + z) for z in [0, 1]: 2 artanh(s), s = z / (2 + z) ≤ 1/3, by its series; the first term
// left out is s^20 / 21 < 2e-11 of it.
template <class D>
HWY_INLINE hn::Vec<D> log1p_of_fraction(D d, hn::Vec<D> z) {
  const auto s = hn::Div(z, hn::Add(hn::Set(d, 2.0), z));
  const auto square = hn::Mul(s, s);
  auto p = hn::Set(d, 1.0 / 19);
  for (int i = 17; i > 0; i -= 2) p = hn::MulAdd(p, square, hn::Set(d, 1.0 / i));
  return hn::Mul(hn::Add(s, s), p);
}

// scale · x, and below 0 scale · alpha (e^(input_scale x) - 1).
template <class D>
HWY_INLINE hn::Vec<D> elu(D d, hn::Vec<D> x, double alpha, double scale, double input_scale) {
  const auto below = hn::Mul(expm1(d, at_most(d, hn::Mul(x, hn::Set(d, input_scale)), 700.0)),
                             hn::Set(d, alpha * scale));
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), below, hn::Mul(x, hn::Set(d, scale)));
}

// log(1 + e^(-|x|)): what softplus and log-sigmoid add to a straight line.
template <class D>
HWY_INLINE hn::Vec<D> bend(D d, hn::Vec<D> x) {
  return log1p_of_fraction(d, exp_or_zero(d, hn::Neg(hn::Abs(x)), -104.0));
}

// log(1 + e^(beta x)) / beta, and x where beta x is above the threshold.
template <class D>
HWY_INLINE hn::Vec<D> softplus(D d, hn::Vec<D> x, double beta, double threshold) {
  const auto t = hn::Mul(x, hn::Set(d, beta));
  const auto curve = hn::Div(hn::Add(at_least(d, t, 0.0), bend(d, t)), hn::Set(d, beta));
  return hn::IfThenElse(hn::Gt(t, hn::Set(d, threshold)), x, curve);
}

template <class D>
HWY_INLINE hn::Vec<D> log_sigmoid(D d, hn::Vec<D> x) {
  return hn::Sub(at_most(d, x, 0.0), bend(d, x));
}

// x tanh(log(1 + e^x)) = x q / (q + 2), q = e^x (e^x + 2).
template <class D>
HWY_INLINE hn::Vec<D> mish(D d, hn::Vec<D> x) {
  const auto two = hn::Set(d, 2.0);
  const auto e = exp_or_zero(d, at_most(d, x, 100.0), -120.0);
  const auto q = hn::Mul(e, hn::Add(e, two));
  return hn::Div(hn::Mul(x, q), hn::Add(q, two));
}

}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#endif
