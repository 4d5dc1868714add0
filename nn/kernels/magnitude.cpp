#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/magnitude.cpp"
#include <algorithm>
#include <bit>
#include <cstdint>
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <nn/kernels/magnitude.h>
#include <nn/kernels/simd_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

// The largest magnitude's bits. Magnitudes are ordered as their bits are, NaN above infinity.
std::int32_t largest(std::span<const float> x) {
  const hn::RebindToSigned<Wide> ints;
  using V = hn::Vec<decltype(ints)>;
  constexpr std::int32_t without_sign = 0x7fffffff;
  const V mask = hn::Set(ints, without_sign);
  V most[4] = {hn::Zero(ints), hn::Zero(ints), hn::Zero(ints), hn::Zero(ints)};
  std::size_t i = 0;
  for (; i + 4 * wide_lanes <= x.size(); i += 4 * wide_lanes) {
    HWY_UNROLL(4)
    for (int j = 0; j < 4; ++j) {
      const V bits = hn::BitCast(ints, hn::LoadU(wide, x.data() + i + j * wide_lanes));
      most[j] = hn::Max(most[j], hn::And(bits, mask));
    }
  }
  HWY_ALIGN std::int32_t lanes[wide_lanes];
  hn::Store(hn::Max(hn::Max(most[0], most[1]), hn::Max(most[2], most[3])), ints, lanes);
  std::int32_t result = *std::max_element(lanes, lanes + wide_lanes);
  for (; i < x.size(); ++i)
    result = std::max(result, std::bit_cast<std::int32_t>(x[i]) & without_sign);
  return result;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {

bool within(std::span<const float> x, float limit) {
  return RUSHLIGHT_DISPATCH(largest)(x) <= std::bit_cast<std::int32_t>(limit);
}

}  // namespace nn::kernels
#endif
