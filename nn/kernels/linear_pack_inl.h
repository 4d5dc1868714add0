// Per-target include: panels of weights as the kernels of Linear and of pixels read them.
#if defined(RUSHLIGHT_LINEAR_PACK_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef RUSHLIGHT_LINEAR_PACK_INL
#undef RUSHLIGHT_LINEAR_PACK_INL
#else
#define RUSHLIGHT_LINEAR_PACK_INL
#endif

#include <algorithm>
#include <hwy/highway.h>

#include <nn/kernels/stored_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Four rows' next four values, [4, 4] of rows `step` apart, as [4, 4] of rows `width` apart.
HWY_INLINE void transpose_four(const float* from, std::int64_t step, float* to,
                               std::int64_t width) {
#if HWY_TARGET == HWY_SCALAR
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) to[i * width + j] = from[j * step + i];
  }
#else
  const hn::Full128<float> four;
  const auto a = hn::LoadU(four, from), b = hn::LoadU(four, from + step);
  const auto c = hn::LoadU(four, from + 2 * step), d = hn::LoadU(four, from + 3 * step);
  const auto ac_low = hn::InterleaveLower(four, a, c), ac_high = hn::InterleaveUpper(four, a, c);
  const auto bd_low = hn::InterleaveLower(four, b, d), bd_high = hn::InterleaveUpper(four, b, d);
  hn::StoreU(hn::InterleaveLower(four, ac_low, bd_low), four, to);
  hn::StoreU(hn::InterleaveUpper(four, ac_low, bd_low), four, to + width);
  hn::StoreU(hn::InterleaveLower(four, ac_high, bd_high), four, to + 2 * width);
  hn::StoreU(hn::InterleaveUpper(four, ac_high, bd_high), four, to + 3 * width);
#endif
}

// weight [real, in] -> to [in, width], zeros behind the real columns: of two vectors, unless told.
HWY_INLINE void pack_panel(const float* weight, std::int64_t in, std::int64_t real, float* to,
                           std::int64_t width = 2 * wide_lanes) {
  std::int64_t k = 0;
  for (; k + 4 <= in; k += 4) {
    std::int64_t j = 0;
    for (; j + 4 <= real; j += 4) {
      transpose_four(weight + j * in + k, in, to + k * width + j, width);
    }
    for (std::int64_t i = k; i < k + 4; ++i) {
      for (std::int64_t rest = j; rest < real; ++rest) to[i * width + rest] = weight[rest * in + i];
    }
  }
  for (; k < in; ++k) {
    for (std::int64_t j = 0; j < real; ++j) to[k * width + j] = weight[j * in + k];
  }
  for (k = 0; real < width && k < in; ++k) {
    std::fill(to + k * width + real, to + (k + 1) * width, 0.0F);
  }
}

HWY_INLINE void round_to(float value, float& to) { to = value; }
HWY_INLINE void round_to(float value, Float16& to) { to = to_float16(value); }
HWY_INLINE void round_to(float value, BFloat16& to) { to = to_bfloat16(value); }

// The same of two vectors in halves, in their order (stored_inl.h).
template <class Stored>
HWY_INLINE void pack_panel(const float* weight, std::int64_t in, std::int64_t real, Stored* to) {
  constexpr std::int64_t width = 2 * wide_lanes;
  for (std::int64_t k = 0; k < in; ++k, to += width) {
    std::fill(to, to + width, Stored{});
    for (std::int64_t j = 0; j < real; ++j) {
      round_to(weight[j * in + k], to[place_in_pair<Stored>(j)]);
    }
  }
}

// weight [rows, in] -> to [rows, step], zeros behind each row.
template <class Stored>
HWY_INLINE void pack_rows(const float* weight, std::int64_t in, std::int64_t rows,
                          std::int64_t step, Stored* to) {
  for (std::int64_t row = 0; row < rows; ++row, weight += in, to += step) {
    for (std::int64_t k = 0; k < in; ++k) round_to(weight[k], to[k]);
    std::fill(to + in, to + step, Stored{});
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#endif
