#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/pool2x2.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <nn/kernels/pool2x2.h>
#include <nn/kernels/simd_inl.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

// What is done with a vector of windows or with one, given its cells: left and right above, left
// and right below.
struct Largest {
  template <class D>
  static HWY_INLINE hn::Vec<D> of(D, hn::Vec<D> a, hn::Vec<D> b, hn::Vec<D> c, hn::Vec<D> d) {
    return pool_max(pool_max(a, b), pool_max(c, d));
  }
  static constexpr std::size_t most_lanes = 16;
};

struct Mean {
  // In float and row by row, as PyTorch adds. Adding 0 makes +0 of -0, as starting from 0 does.
  template <class D>
  static HWY_INLINE hn::Vec<D> of(D d, hn::Vec<D> a, hn::Vec<D> b, hn::Vec<D> c, hn::Vec<D> e) {
    const auto sum = hn::Add(hn::Add(hn::Add(a, b), c), e);
    return hn::MulAdd(sum, hn::Set(d, 0.25F), hn::Zero(d));
  }
  static constexpr std::size_t most_lanes = 16;
};

// One row of windows in vectors of at most N. Where they do not fill the last vector, it takes some
// of the windows before it once more; where they fill none, vectors are smaller.
template <class Pool, std::size_t N>
HWY_INLINE void pool_row(const float* HWY_RESTRICT top, const float* HWY_RESTRICT bottom,
                         std::int64_t windows, float* HWY_RESTRICT y) {
  constexpr hn::CappedTag<float, N> d;
  [[maybe_unused]] constexpr auto lanes = static_cast<std::int64_t>(hn::MaxLanes(d));
#if HWY_TARGET != HWY_SCALAR
  if constexpr (lanes >= 2) {
    if (windows < lanes) return pool_row<Pool, lanes / 2>(top, bottom, windows, y);
    for (std::int64_t i = 0; i < windows; i += lanes) {
      if (i + lanes > windows) i = windows - lanes;
      const auto a0 = hn::LoadU(d, top + 2 * i), a1 = hn::LoadU(d, top + 2 * i + lanes);
      const auto b0 = hn::LoadU(d, bottom + 2 * i), b1 = hn::LoadU(d, bottom + 2 * i + lanes);
      hn::StoreU(Pool::of(d, hn::ConcatEven(d, a1, a0), hn::ConcatOdd(d, a1, a0),
                          hn::ConcatEven(d, b1, b0), hn::ConcatOdd(d, b1, b0)),
                 d, y + i);
    }
    return;
  }
#endif
  constexpr hn::CappedTag<float, 1> one;
  for (std::int64_t i = 0; i < windows; ++i) {
    const auto at = [one](const float* cell) HWY_ATTR { return hn::LoadU(one, cell); };
    hn::StoreU(Pool::of(one, at(top + 2 * i), at(top + 2 * i + 1), at(bottom + 2 * i),
                        at(bottom + 2 * i + 1)),
               one, y + i);
  }
}

template <class Pool>
void pool(std::int64_t planes, std::int64_t height, std::int64_t width, const float* x, float* y) {
  const std::int64_t windows = width / 2;
  for (std::int64_t plane = 0; plane < planes; ++plane, x += height * width) {
    for (std::int64_t h = 0; h + 1 < height; h += 2, y += windows) {
      const float* const top = x + h * width;
      pool_row<Pool, Pool::most_lanes>(top, top + width, windows, y);
    }
  }
}

void max_pool(std::int64_t planes, std::int64_t height, std::int64_t width, const float* x,
              float* y) {
  pool<Largest>(planes, height, width, x, y);
}
void avg_pool(std::int64_t planes, std::int64_t height, std::int64_t width, const float* x,
              float* y) {
  pool<Mean>(planes, height, width, x, y);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {

void max_pool_2x2(std::int64_t planes, std::int64_t height, std::int64_t width, const float* x,
                  float* y) {
  RUSHLIGHT_DISPATCH(max_pool)(planes, height, width, x, y);
}

void avg_pool_2x2(std::int64_t planes, std::int64_t height, std::int64_t width, const float* x,
                  float* y) {
  RUSHLIGHT_DISPATCH(avg_pool)(planes, height, width, x, y);
}

}  // namespace nn::kernels
#endif
