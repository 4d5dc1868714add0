// Per-target include: tanh(x). The guard toggles, so that
// foreach_target.h compiles it once for each instruction set.
#if defined(RUSHLIGHT_TANH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef RUSHLIGHT_TANH_INL
#undef RUSHLIGHT_TANH_INL
#else
#define RUSHLIGHT_TANH_INL
#endif

#include <hwy/highway.h>

#include <nn/kernels/exp_inl.h>
#include <nn/kernels/simd_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE hn::Vec<D> tanh(D d, hn::Vec<D> x) {
  const auto size = hn::Abs(x);
  // Below 0.625: size + size³ P(size²), the minimax P; the polynomial is 4e-9 off at most,
  // relatively.
  const auto square = hn::Mul(size, size);
  auto p = hn::Set(d, -0.00571704680515F);
  p = hn::MulAdd(p, square, hn::Set(d, 0.0206505889949F));
  p = hn::MulAdd(p, square, hn::Set(d, -0.0537434985709F));
  p = hn::MulAdd(p, square, hn::Set(d, 0.133314912904F));
  p = hn::MulAdd(p, square, hn::Set(d, -0.333332839252F));
  const auto near_zero = hn::MulAdd(hn::Mul(size, square), p, size);
  // Elsewhere 1 - 2 / (1 + e^(2 size)), what is taken away being less than 0.45: its rounding
  // errors count less than half. 1 - e^-19 is 1.
  const auto [half_power, rest] = exp_parts(d, at_most(d, hn::Add(size, size), 19));
  const auto one = hn::Set(d, 1);
  const auto half_sum = hn::MulAdd(half_power, rest, hn::Add(half_power, hn::Set(d, 0.5F)));
  const auto elsewhere = hn::Sub(one, hn::Div(one, half_sum));
  return hn::CopySign(hn::IfThenElse(hn::Lt(size, hn::Set(d, 0.625F)), near_zero, elsewhere), x);
}

}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#endif
