// Per-target include: what the kernels written with Highway share. The guard toggles, so that
// foreach_target.h compiles it once for each instruction set.
#if defined(RUSHLIGHT_SIMD_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef RUSHLIGHT_SIMD_INL
#undef RUSHLIGHT_SIMD_INL
#else
#define RUSHLIGHT_SIMD_INL
#endif

#include <algorithm>
#include <cstdint>
#include <hwy/highway.h>

#include <nn/kernels/clamp.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The widest vectors: products run at this width.
using Wide = hn::CappedTag<float, 16>;
constexpr Wide wide{};
constexpr int wide_lanes = HWY_MIN(16, HWY_LANES(float));

// Vectors of at most eight floats: for work on the eight points of a Winograd tile's row.
using Eight = hn::CappedTag<float, 8>;
constexpr Eight eight{};
constexpr int eight_lanes = HWY_MIN(8, HWY_LANES(float));

// The same vector, kept in a register: gcc would fold a load into each of several products that
// read it, and loads, not products, would then be the limit (winograd_rows: 4.9 instead of 3.2 us
// for 20 channels).
template <class V>
HWY_INLINE V in_register(V v) {
#if HWY_TARGET == HWY_AVX3
  asm("" : "+v"(v.raw));
#elif HWY_TARGET == HWY_AVX2
  asm("" : "+x"(v.raw));
#endif
  return v;
}

// The first `count` floats of a vector, zeros behind them; nothing behind them is read or written.
HWY_INLINE hn::Vec<Wide> load_some(const float* from, std::int64_t count) {
#if HWY_MAX_BYTES >= 32
  return hn::MaskedLoad(hn::FirstN(wide, static_cast<std::size_t>(count)), wide, from);
#else
  HWY_ALIGN float some[wide_lanes] = {};
  std::copy_n(from, count, some);
  return hn::Load(wide, some);
#endif
}
HWY_INLINE void store_some(hn::Vec<Wide> v, float* to, std::int64_t count) {
#if HWY_MAX_BYTES >= 32
  hn::BlendedStore(v, hn::FirstN(wide, static_cast<std::size_t>(count)), wide, to);
#else
  HWY_ALIGN float some[wide_lanes];
  hn::Store(v, wide, some);
  std::copy_n(some, count, to);
#endif
}

// Every second float of two vectors' worth, from the first and from the second on.
template <class D>
HWY_INLINE void load_pairs(D d, const float* from, hn::Vec<D>& first, hn::Vec<D>& second) {
  if constexpr (hn::MaxLanes(D()) == 1) {
    first = hn::LoadU(d, from);
    second = hn::LoadU(d, from + 1);
  } else {
#if HWY_TARGET != HWY_SCALAR
    const auto low = hn::LoadU(d, from), high = hn::LoadU(d, from + hn::MaxLanes(d));
    first = hn::ConcatEven(d, high, low);
    second = hn::ConcatOdd(d, high, low);
#endif
  }
}

// max(x, 0) that keeps NaN and -0, as PyTorch's relu.
template <class D>
HWY_INLINE hn::Vec<D> relu(D d, hn::Vec<D> x) {
  const auto zero = hn::Zero(d);
  return hn::IfThenElse(hn::Lt(x, zero), zero, x);
}

// The smaller and the larger of x and a limit, or NaN for x = NaN, which Min and Max do not
// promise.
template <class D>
HWY_INLINE hn::Vec<D> at_most(D d, hn::Vec<D> x, hn::TFromD<D> limit) {
  const auto most = hn::Set(d, limit);
  return hn::IfThenElse(hn::Gt(x, most), most, x);
}
template <class D>
HWY_INLINE hn::Vec<D> at_least(D d, hn::Vec<D> x, hn::TFromD<D> limit) {
  const auto least = hn::Set(d, limit);
  return hn::IfThenElse(hn::Lt(x, least), least, x);
}
template <class D>
HWY_INLINE hn::Vec<D> clamped(D d, hn::Vec<D> x, Clamp clamp) {
  return at_most(d, at_least(d, x, clamp.lower), clamp.upper);
}

// The larger of a and b as max pooling takes it: NaN beats everything, a stays where they are
// equal.
template <class V>
HWY_INLINE V pool_max(V a, V b) {
  return hn::IfThenElse(hn::Or(hn::Gt(b, a), hn::IsNaN(b)), b, a);
}

// Doubles as floats. Highway's targets without vectors make the largest float of infinity (1.0.3).
template <class D>
HWY_INLINE hn::Vec<D> to_floats(D d, hn::Vec<hn::Rebind<double, D>> v) {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
  HWY_ALIGN double from[hn::MaxLanes(d)];
  HWY_ALIGN float to[hn::MaxLanes(d)];
  hn::Store(v, hn::Rebind<double, D>(), from);
  for (std::size_t i = 0; i < hn::MaxLanes(d); ++i) to[i] = static_cast<float>(from[i]);
  return hn::Load(d, to);
#else
  return hn::DemoteTo(d, v);
#endif
}

// The larger of a and b, or NaN where one is; of +0 and -0 either. Cheaper, for sums whose zeros
// become +0 later.
template <class V>
HWY_INLINE V larger_or_nan(V a, V b) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
  return hn::IfThenElse(hn::IsNaN(a), a, hn::Max(a, b));  // x86's Max gives b where that is NaN
#else
  return pool_max(a, b);
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#endif
