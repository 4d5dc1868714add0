// Per-target include: 1 / (1 + e^-x) and x / (1 + e^-x). The guard toggles, so that
// foreach_target.h compiles it once for each instruction set.
#if defined(RUSHLIGHT_SIGMOID_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef RUSHLIGHT_SIGMOID_INL
#undef RUSHLIGHT_SIGMOID_INL
#else
#define RUSHLIGHT_SIGMOID_INL
#endif

#include <hwy/highway.h>

#include <nn/kernels/exp_inl.h>
#include <nn/kernels/simd_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// PyTorch's sigmoid(-100) is 0, not 3.7e-44: e^-x is infinite in float from here down.
constexpr float sigmoid_is_zero_from = -88.722839F;
// From here on 1 + e^-x is 1.
constexpr float sigmoid_is_one_above = 20;

// (1 + e^-x) / 2 = high + low, `low` being what `high` lost to rounding; x between the limits
// above.
template <class D>
struct HalfSum {
  hn::Vec<D> high;
  hn::Vec<D> low;
};

template <class D>
HWY_INLINE HalfSum<D> half_one_plus_exp(D d, hn::Vec<D> minus_x) {
  const auto [half_power, rest] = exp_parts(d, minus_x);
  const auto half = hn::Set(d, 0.5F);
  const auto sum = hn::Add(half, half_power);
  // What the sum lost to rounding: exactly this for the smaller of its parts (Dekker).
  const auto lost = hn::Sub(hn::Min(half, half_power), hn::Sub(sum, hn::Max(half, half_power)));
  const auto high = hn::MulAdd(half_power, rest, sum);
  return {high, hn::MulAdd(half_power, rest, hn::Add(hn::Sub(sum, high), lost))};
}

template <class D>
HWY_INLINE hn::Vec<D> sigmoid(D d, hn::Vec<D> x) {
  const auto [high, low] = half_one_plus_exp(d, hn::Neg(at_most(d, x, sigmoid_is_one_above)));
  const auto y = hn::Div(hn::Set(d, 0.5F), high);
  // 0.5 / (high + low) = y (1 - low / (high + low)), and 1 / high = 2 y
  const auto better = hn::NegMulAdd(hn::Add(y, y), hn::Mul(y, low), y);
  return hn::IfThenZeroElse(hn::Le(x, hn::Set(d, sigmoid_is_zero_from)), better);
}

// -inf gives NaN (-inf · 0), as in PyTorch.
template <class D>
HWY_INLINE hn::Vec<D> silu(D d, hn::Vec<D> x) {
  const auto [high, low] = half_one_plus_exp(d, hn::Neg(x));
  const auto half_x = hn::Mul(x, hn::Set(d, 0.5F));
#if HWY_NATIVE_FMA
  // One division: what the quotient leaves over is exact.
  const auto reciprocal = hn::Div(hn::Set(d, 1), high);
  const auto quotient = hn::Mul(half_x, reciprocal);
  const auto left = hn::NegMulAdd(quotient, low, hn::NegMulAdd(quotient, high, half_x));
  const auto y = hn::MulAdd(left, reciprocal, quotient);
#else
  const auto quotient = hn::Div(half_x, high);
  const auto y = hn::NegMulAdd(quotient, hn::Div(low, high), quotient);
#endif
  const auto zero = hn::Mul(x, hn::Zero(d));
  const auto low_end = hn::IfThenElse(hn::Le(x, hn::Set(d, sigmoid_is_zero_from)), zero, y);
  const auto all = hn::IfThenElse(hn::Gt(x, hn::Set(d, sigmoid_is_one_above)), x, low_end);
  return hn::CopySign(all, x);  // -0 has lost its sign on the way
}

}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#endif
