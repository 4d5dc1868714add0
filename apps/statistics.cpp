#include <algorithm>
#include <apps/statistics.h>
#include <cmath>
#include <concepts>
#include <limits>

namespace apps {
namespace {

constexpr std::int64_t elements_at_once = 8192;

__extension__ using Wide = __int128;  // the sum of 2^63 integers

// A sum of doubles and what rounding took from it (Neumaier).
class CompensatedSum {
 public:
  void add(double value) {
    const double next = sum_ + value;
    lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - next) + value : (value - next) + sum_;
    sum_ = next;
  }
  double value() const { return std::isfinite(sum_) ? sum_ + lost_ : sum_; }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

// Calls work(std::span<const T>) with the values as T, some at a time.
template <class T, class Work>
void for_pieces(nn::ConstTensorView values, Work&& work) {
  const std::int64_t numel = values.numel();
  const nn::ConstTensorView all = values.reshaped({numel});
  for (std::int64_t begin = 0; begin < numel; begin += elements_at_once) {
    const auto piece = all.rows(begin, std::min(elements_at_once, numel - begin));
    if (piece.dtype() == nn::dtype_of<T>) {
      work(piece.as<T>());
    } else {
      const nn::Tensor converted = nn::to(piece, nn::dtype_of<T>);
      work(converted.as<T>());
    }
  }
}

Statistics of_floats(nn::ConstTensorView values) {
  Statistics result;
  double min = std::numeric_limits<double>::infinity();
  double max = -min;
  CompensatedSum sum;
  for_pieces<double>(values, [&](std::span<const double> piece) {
    for (const double value : piece) {
      if (std::isfinite(value)) {
        min = std::min(min, value);
        max = std::max(max, value);
        sum.add(value);
        ++result.finite;
      } else {
        ++(std::isnan(value) ? result.nans : result.infinities);
      }
    }
  });
  if (result.finite == 0) return result;
  result.min = min;
  result.max = max;
  result.mean = sum.value() / static_cast<double>(result.finite);
  return result;
}

template <std::integral T>
Statistics of_integers(nn::ConstTensorView values) {
  Statistics result;
  T min = std::numeric_limits<T>::max();
  T max = std::numeric_limits<T>::min();
  Wide sum = 0;
  for_pieces<T>(values, [&](std::span<const T> piece) {
    for (const T value : piece) {
      min = std::min(min, value);
      max = std::max(max, value);
      sum += value;
    }
  });
  result.finite = values.numel();
  if (result.finite == 0) return result;
  result.min = min;
  result.max = max;
  result.mean = static_cast<double>(sum) / static_cast<double>(result.finite);
  return result;
}

}  // namespace

Statistics statistics_of(nn::ConstTensorView values) {
  if (nn::is_floating_point(values.dtype())) return of_floats(values);
  if (values.dtype() == nn::DType::uint64) return of_integers<std::uint64_t>(values);
  return of_integers<std::int64_t>(values);
}

}  // namespace apps
