#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/peak.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <nn/kernels/peak.h>
#include <nn/kernels/simd_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

using V = hn::Vec<Wide>;

// Two units of five cycles' latency keep ten chains busy; these and two constants fit 16 registers.
constexpr int chains = 12;

std::int64_t multiply_adds(std::int64_t rounds, float& result) {
  const V factor = hn::Set(wide, 0.5F), summand = hn::Set(wide, 1);
  V values[chains];
  for (int c = 0; c < chains; ++c) values[c] = hn::Set(wide, static_cast<float>(c));
  for (std::int64_t i = 0; i < rounds; ++i) {
    HWY_UNROLL(12)
    for (int c = 0; c < chains; ++c) values[c] = hn::MulAdd(values[c], factor, summand);
  }
  V all = values[0];
  for (int c = 1; c < chains; ++c) all = hn::Add(all, values[c]);
  result = hn::GetLane(hn::SumOfLanes(wide, all));
  return rounds * chains * wide_lanes;
}

float sum_of(const float* values, std::int64_t count) {
  constexpr int streams = 8;
  V sums[streams];
  for (int s = 0; s < streams; ++s) sums[s] = hn::Zero(wide);
  std::int64_t i = 0;
  for (; i + streams * wide_lanes <= count; i += streams * wide_lanes) {
    HWY_UNROLL(8)
    for (int s = 0; s < streams; ++s) {
      sums[s] = hn::Add(sums[s], hn::LoadU(wide, values + i + s * wide_lanes));
    }
  }
  for (int s = 1; s < streams; ++s) sums[0] = hn::Add(sums[0], sums[s]);
  float total = hn::GetLane(hn::SumOfLanes(wide, sums[0]));
  for (; i < count; ++i) total += values[i];
  return total;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {

std::int64_t multiply_add_chains(std::int64_t rounds, float& result) {
  return RUSHLIGHT_DISPATCH(multiply_adds)(rounds, result);
}

float sum(std::span<const float> values) {
  return RUSHLIGHT_DISPATCH(sum_of)(values.data(), static_cast<std::int64_t>(values.size()));
}

}  // namespace nn::kernels
#endif
