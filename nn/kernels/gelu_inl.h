// Per-target include: gelu, both kinds, in double. The guard toggles, so that
// foreach_target.h compiles it once for each instruction set.
#if defined(RUSHLIGHT_GELU_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef RUSHLIGHT_GELU_INL
#undef RUSHLIGHT_GELU_INL
#else
#define RUSHLIGHT_GELU_INL
#endif

#include <hwy/highway.h>

#include <nn/kernels/exp_inl.h>
#include <nn/kernels/simd_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// x Φ(x). With a = |x| it is x (1 - Φ(-a)) or -a Φ(-a), and Φ(-a) = e^(-a²/2) P(a) / Q(a): the
// quotient is the scaled complementary error function, minimax over [0, 15], 7.2e-9 off at most,
// relatively. 1 + erf would lose the lower tail's digits. Beyond -15 the result is -0, at -inf too.
template <class D>
HWY_INLINE hn::Vec<D> gelu(D d, hn::Vec<D> x) {
  const auto a = at_most(d, hn::Abs(x), 15);
  const auto e = exp(d, hn::Mul(hn::Mul(a, a), hn::Set(d, -0.5)));
  auto p = hn::Set(d, 0.00413642541676567794);
  p = hn::MulAdd(p, a, hn::Set(d, 0.0407787257998797329));
  p = hn::MulAdd(p, a, hn::Set(d, 0.183682336924195304));
  p = hn::MulAdd(p, a, hn::Set(d, 0.438922911873899032));
  p = hn::MulAdd(p, a, hn::Set(d, 0.500000002743687295));
  auto q = hn::Set(d, 0.0103683684966572172);
  q = hn::MulAdd(q, a, hn::Set(d, 0.102223265504683001));
  q = hn::MulAdd(q, a, hn::Set(d, 0.470646709419259838));
  q = hn::MulAdd(q, a, hn::Set(d, 1.20439972406219488));
  q = hn::MulAdd(q, a, hn::Set(d, 1.67573078468931533));
  q = hn::MulAdd(q, a, hn::Set(d, 1.0));
  const auto tail = hn::Div(hn::Mul(e, p), q);
  return hn::IfNegativeThenElse(x, hn::Neg(hn::Mul(a, tail)),
                                hn::Mul(x, hn::Sub(hn::Set(d, 1.0), tail)));
}

// x/2 (1 + tanh(u)) = x / (1 + e^-2u) with u = √(2/π) (x + 0.044715 x³); -inf gives NaN (-inf /
// inf), as in PyTorch.
template <class D>
HWY_INLINE hn::Vec<D> gelu_tanh(D d, hn::Vec<D> x) {
  constexpr double minus_two_sqrt_2_over_pi = -1.5957691216057308;
  const auto slope = hn::MulAdd(hn::Mul(x, x), hn::Set(d, minus_two_sqrt_2_over_pi * 0.044715),
                                hn::Set(d, minus_two_sqrt_2_over_pi));
  const auto exponent = at_least(d, hn::Mul(x, slope), -60);
  const auto infinite = hn::Gt(exponent, hn::Set(d, 700.0));
  const auto e = hn::IfThenElse(infinite, hn::Inf(d), exp(d, exponent));
  return hn::Div(x, hn::Add(e, hn::Set(d, 1.0)));
}

}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#endif
