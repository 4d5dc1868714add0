// Plain loops, compiled once for each instruction set: the compiler makes vectors of them.
#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/softmax.cpp"
#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>
#include <limits>

#include <nn/kernels/exp.h>
#include <nn/kernels/softmax.h>

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

// Exponentials wait in double for their sum, this many at a time.
constexpr std::size_t block = 64;
using Block = std::array<double, block>;

double exponential(float, double y) { return exp_for_float(y); }
double exponential(double, double y) { return std::exp(y); }

// e[i] = e^(x[i] - max(i))
template <class T, class MaxAt>
void exponentials(const T* x, std::size_t count, MaxAt max, Block& e) {
  for (std::size_t i = 0; i < count; ++i) {
    e[i] = exponential(T{}, static_cast<double>(x[i]) - static_cast<double>(max(i)));
  }
}

// The largest value that is not NaN, -inf when there is none.
template <class T>
T largest(const T* x, std::size_t size) {
  constexpr std::size_t lanes = 8;
  std::array<T, lanes> max;
  max.fill(-std::numeric_limits<T>::infinity());
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      max[lane] = x[i + lane] > max[lane] ? x[i + lane] : max[lane];
    }
  }
  for (; i < size; ++i) max[0] = x[i] > max[0] ? x[i] : max[0];
  return *std::ranges::max_element(max);
}

// Rows of neighbouring values.

template <class T>
void softmax_row(const T* x, T* y, std::size_t size) {
  const T max = largest(x, size);
  double sum = 0;
  Block e;
  for (std::size_t begin = 0; begin < size; begin += block) {
    const std::size_t count = std::min(block, size - begin);
    exponentials(
        x + begin, count, [max](std::size_t) { return max; }, e);
    for (std::size_t i = 0; i < count; ++i) sum += e[i];
    for (std::size_t i = 0; i < count; ++i) y[begin + i] = static_cast<T>(e[i]);
  }
  for (std::size_t i = 0; i < size; ++i) y[i] = static_cast<T>(static_cast<double>(y[i]) / sum);
}

// Adding 0 makes -0, a rounded tiny negative, the 0 that PyTorch gives.
template <class T>
T log_probability(T x, T max, double log_sum) {
  return static_cast<T>((static_cast<double>(x) - static_cast<double>(max)) - log_sum) + T{0};
}

template <class T>
void log_softmax_row(const T* x, T* y, std::size_t size) {
  const T max = largest(x, size);
  double ties = 0;  // values equal to the largest, whose e^0 is exactly 1
  double sum = 0;
  Block e;
  for (std::size_t begin = 0; begin < size; begin += block) {
    const std::size_t count = std::min(block, size - begin);
    exponentials(
        x + begin, count, [max](std::size_t) { return max; }, e);
    for (std::size_t i = 0; i < count; ++i) {
      const bool tie = x[begin + i] == max && e[i] == 1;  // not at inf: there e is NaN
      ties += tie ? 1 : 0;
      sum += tie ? 0 : e[i];
    }
  }
  const double log_sum = std::log1p(ties - 1 + sum);
  for (std::size_t i = 0; i < size; ++i) y[i] = log_probability(x[i], max, log_sum);
}

// `count` ≤ block neighbouring rows whose values lie `inner` apart. The same operations in the same
// order as above, one column for each row.

template <class T>
void largest_of_columns(const T* x, std::size_t size, std::size_t inner, std::size_t count,
                        std::array<T, block>& max) {
  max.fill(-std::numeric_limits<T>::infinity());
  for (std::size_t row = 0; row < size; ++row) {
    const T* from = x + row * inner;
    for (std::size_t i = 0; i < count; ++i) max[i] = from[i] > max[i] ? from[i] : max[i];
  }
}

template <class T>
void softmax_columns(const T* x, T* y, std::size_t size, std::size_t inner, std::size_t count) {
  std::array<T, block> max;
  largest_of_columns(x, size, inner, count, max);
  Block sum{};
  Block e;
  for (std::size_t row = 0; row < size; ++row) {
    exponentials(
        x + row * inner, count, [&max](std::size_t i) { return max[i]; }, e);
    for (std::size_t i = 0; i < count; ++i) sum[i] += e[i];
    for (std::size_t i = 0; i < count; ++i) y[row * inner + i] = static_cast<T>(e[i]);
  }
  for (std::size_t row = 0; row < size; ++row) {
    T* to = y + row * inner;
    for (std::size_t i = 0; i < count; ++i)
      to[i] = static_cast<T>(static_cast<double>(to[i]) / sum[i]);
  }
}

template <class T>
void log_softmax_columns(const T* x, T* y, std::size_t size, std::size_t inner, std::size_t count) {
  std::array<T, block> max;
  largest_of_columns(x, size, inner, count, max);
  Block ties{};
  Block sum{};
  Block e;
  for (std::size_t row = 0; row < size; ++row) {
    const T* from = x + row * inner;
    exponentials(
        from, count, [&max](std::size_t i) { return max[i]; }, e);
    for (std::size_t i = 0; i < count; ++i) {
      const bool tie = from[i] == max[i] && e[i] == 1;
      ties[i] += tie ? 1 : 0;
      sum[i] += tie ? 0 : e[i];
    }
  }
  for (std::size_t i = 0; i < count; ++i) sum[i] = std::log1p(ties[i] - 1 + sum[i]);
  for (std::size_t row = 0; row < size; ++row) {
    const T* from = x + row * inner;
    T* to = y + row * inner;
    for (std::size_t i = 0; i < count; ++i) to[i] = log_probability(from[i], max[i], sum[i]);
  }
}

template <class T, class Row, class Columns>
void for_each_row(const RowLayout& layout, std::span<const T> x, std::span<T> y, Row row,
                  Columns columns) {
  assert(x.size() == layout.outer * layout.size * layout.inner && y.size() == x.size());
  if (y.empty()) return;
  const std::size_t plane = layout.size * layout.inner;
  for (std::size_t outer = 0; outer < layout.outer; ++outer) {
    const T* from = x.data() + outer * plane;
    T* to = y.data() + outer * plane;
    if (layout.inner == 1) {
      row(from, to, layout.size);
      continue;
    }
    for (std::size_t begin = 0; begin < layout.inner; begin += block) {
      columns(from + begin, to + begin, layout.size, layout.inner,
              std::min(block, layout.inner - begin));
    }
  }
}

}  // namespace

void softmax_floats(const RowLayout& layout, std::span<const float> x, std::span<float> y) {
  for_each_row(layout, x, y, softmax_row<float>, softmax_columns<float>);
}
void softmax_doubles(const RowLayout& layout, std::span<const double> x, std::span<double> y) {
  for_each_row(layout, x, y, softmax_row<double>, softmax_columns<double>);
}
void log_softmax_floats(const RowLayout& layout, std::span<const float> x, std::span<float> y) {
  for_each_row(layout, x, y, log_softmax_row<float>, log_softmax_columns<float>);
}
void log_softmax_doubles(const RowLayout& layout, std::span<const double> x, std::span<double> y) {
  for_each_row(layout, x, y, log_softmax_row<double>, log_softmax_columns<double>);
}

}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {

template <>
void softmax(const RowLayout& layout, std::span<const float> x, std::span<float> y) {
  RUSHLIGHT_DISPATCH(softmax_floats)(layout, x, y);
}
template <>
void softmax(const RowLayout& layout, std::span<const double> x, std::span<double> y) {
  RUSHLIGHT_DISPATCH(softmax_doubles)(layout, x, y);
}
template <>
void log_softmax(const RowLayout& layout, std::span<const float> x, std::span<float> y) {
  RUSHLIGHT_DISPATCH(log_softmax_floats)(layout, x, y);
}
template <>
void log_softmax(const RowLayout& layout, std::span<const double> x, std::span<double> y) {
  RUSHLIGHT_DISPATCH(log_softmax_doubles)(layout, x, y);
}

}  // namespace nn::kernels
#endif
