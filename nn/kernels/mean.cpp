#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/mean.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <nn/kernels/mean.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr int sums = 8;

HWY_INLINE double sum_of(const float* x, std::int64_t count) {
  constexpr hn::CappedTag<double, sums> d;
  constexpr hn::Rebind<float, decltype(d)> floats;
  constexpr int lanes = static_cast<int>(hn::MaxLanes(d)), vectors = sums / lanes;
  hn::Vec<decltype(d)> sum[vectors];
  HWY_UNROLL(8)
  for (int j = 0; j < vectors; ++j) sum[j] = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + sums <= count; i += sums) {
    HWY_UNROLL(8)
    for (int j = 0; j < vectors; ++j) {
      sum[j] = hn::Add(sum[j], hn::PromoteTo(d, hn::LoadU(floats, x + i + j * lanes)));
    }
  }
  HWY_ALIGN double all[sums];
  HWY_UNROLL(8)
  for (int j = 0; j < vectors; ++j) hn::Store(sum[j], d, all + j * lanes);
  double total = ((all[0] + all[4]) + (all[2] + all[6])) + ((all[1] + all[5]) + (all[3] + all[7]));
  for (; i < count; ++i) total += static_cast<double>(x[i]);
  return total;
}

void means(std::int64_t rows, std::int64_t count, const float* x, float* y) {
  for (std::int64_t i = 0; i < rows; ++i) {
    y[i] = static_cast<float>(sum_of(x + i * count, count) / static_cast<double>(count));
  }
}

// Four vectors of columns, or one.
template <class D, int Vectors>
HWY_INLINE void columns_at(D d, std::int64_t rows, std::int64_t columns, const float* x, float* y) {
  constexpr hn::Rebind<float, D> floats;
  constexpr int lanes = static_cast<int>(hn::MaxLanes(d));
  hn::Vec<D> sum[Vectors];
  HWY_UNROLL(4)
  for (int j = 0; j < Vectors; ++j) sum[j] = hn::Zero(d);
  for (std::int64_t row = 0; row < rows; ++row, x += columns) {
    HWY_UNROLL(4)
    for (int j = 0; j < Vectors; ++j) {
      sum[j] = hn::Add(sum[j], hn::PromoteTo(d, hn::LoadU(floats, x + j * lanes)));
    }
  }
  HWY_UNROLL(4)
  for (int j = 0; j < Vectors; ++j) {
    const auto mean = hn::Div(sum[j], hn::Set(d, static_cast<double>(rows)));
    hn::StoreU(hn::DemoteTo(floats, mean), floats, y + j * lanes);
  }
}

void means_of_columns(std::int64_t matrices, std::int64_t rows, std::int64_t columns,
                      const float* x, float* y) {
  constexpr hn::CappedTag<double, sums> d;
  constexpr auto lanes = static_cast<std::int64_t>(hn::MaxLanes(d));
  for (std::int64_t i = 0; i < matrices; ++i, x += rows * columns, y += columns) {
    std::int64_t c = 0;
    for (; c + 4 * lanes <= columns; c += 4 * lanes) {
      columns_at<decltype(d), 4>(d, rows, columns, x + c, y + c);
    }
    for (; c + lanes <= columns; c += lanes) {
      columns_at<decltype(d), 1>(d, rows, columns, x + c, y + c);
    }
    for (; c < columns; ++c) {
      columns_at<hn::CappedTag<double, 1>, 1>({}, rows, columns, x + c, y + c);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {

void row_means(std::int64_t rows, std::int64_t count, const float* x, float* y) {
  RUSHLIGHT_DISPATCH(means)(rows, count, x, y);
}

void column_means(std::int64_t matrices, std::int64_t rows, std::int64_t columns, const float* x,
                  float* y) {
  RUSHLIGHT_DISPATCH(means_of_columns)(matrices, rows, columns, x, y);
}

}  // namespace nn::kernels
#endif
