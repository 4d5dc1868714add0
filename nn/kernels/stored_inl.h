// Per-target include: weights as they are stored, as vectors of floats. Exact for every value; NaN
// stays NaN.
#if defined(RUSHLIGHT_STORED_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef RUSHLIGHT_STORED_INL
#undef RUSHLIGHT_STORED_INL
#else
#define RUSHLIGHT_STORED_INL
#endif

#include <hwy/highway.h>
#include <type_traits>

#include <nn/dtype.h>
#include <nn/kernels/simd_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {

using Halves = hn::Rebind<std::uint16_t, Wide>;

// Not &from->bits: sanitizers would check each, 20 s of compiling.
template <class Half>
HWY_INLINE const std::uint16_t* bits_of(const Half* from) {
  return reinterpret_cast<const std::uint16_t*>(from);
}

// REQUIRES: `from` is aligned to the bytes that are read.
HWY_INLINE hn::Vec<Wide> widened(const float* from) { return hn::Load(wide, from); }

// The upper half of a float.
HWY_INLINE hn::Vec<Wide> widened(const BFloat16* from) {
  const hn::RebindToUnsigned<Wide> bits;
  const auto halves = hn::PromoteTo(bits, hn::Load(Halves(), bits_of(from)));
  return hn::BitCast(wide, hn::ShiftLeft<16>(halves));
}

HWY_INLINE hn::Vec<Wide> widened(const Float16* from) {
  const auto halves = hn::Load(Halves(), bits_of(from));
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_ARCH_ARM_A64
  return hn::PromoteTo(wide, hn::BitCast(hn::Rebind<hwy::float16_t, Wide>(), halves));
#else
  // Highway's own way here makes finite numbers of infinity and NaN (1.0.3). Ours meets no denormal
  // float, which many processors are slow with.
  const hn::RebindToSigned<Wide> bits;
  const auto half = hn::PromoteTo(bits, halves);
  const auto sign = hn::ShiftLeft<16>(hn::And(half, hn::Set(bits, 0x8000)));
  const auto magnitude = hn::ShiftLeft<13>(hn::And(half, hn::Set(bits, 0x7fff)));
  const auto normal = hn::Add(magnitude, hn::Set(bits, (127 - 15) << 23));
  // Below 2^-14: 2^-14 + value, less 2^-14.
  const auto shifted = hn::BitCast(wide, hn::Add(normal, hn::Set(bits, 1 << 23)));
  const auto denormal = hn::BitCast(bits, hn::Sub(shifted, hn::Set(wide, 0x1p-14F)));
  const auto finite = hn::IfThenElse(hn::Lt(magnitude, hn::Set(bits, 1 << 23)), denormal, normal);
  const auto infinite = hn::Gt(magnitude, hn::Set(bits, (31 << 23) - 1));
  const auto all = hn::IfThenElse(infinite, hn::Or(finite, hn::Set(bits, 0x7f800000)), finite);
  return hn::BitCast(wide, hn::Or(all, sign));
#endif
}

// Two vectors' weights lie behind each other, but those of bfloat16 in turn: a vector of pairs is
// then widened with a shift and a mask, where two vectors of halves take two shuffles and two shifts
// (the MLP's batch 1: 6.9 instead of 9.4 us).
template <class Stored>
constexpr std::int64_t place_in_pair(std::int64_t i) {
  return std::is_same_v<Stored, BFloat16> ? i % wide_lanes * 2 + i / wide_lanes : i;
}

template <class Stored>
HWY_INLINE void widened_pair(const Stored* from, hn::Vec<Wide>& first, hn::Vec<Wide>& second) {
#if HWY_TARGET != HWY_SCALAR  // whose vectors of one weight have one order
  if constexpr (std::is_same_v<Stored, BFloat16>) {
    const hn::RebindToUnsigned<Wide> bits;
    const auto pairs =
        hn::BitCast(bits, hn::Load(hn::Repartition<std::uint16_t, Wide>(), bits_of(from)));
    first = hn::BitCast(wide, hn::ShiftLeft<16>(pairs));
    second = hn::BitCast(wide, hn::And(pairs, hn::Set(bits, 0xffff0000U)));
    return;
  }
#endif
  first = widened(from);
  second = widened(from + wide_lanes);
}

}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#endif
