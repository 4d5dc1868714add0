#include <algorithm>
#include <apps/comparison.h>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace apps {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

// Floats as integers in their order: neighbours differ by 1, -0 equals 0.
std::int64_t rank_of(double value) {
  const auto bits = std::int64_t{std::bit_cast<std::int32_t>(static_cast<float>(value))};
  return bits < 0 ? INT64_C(-0x80000000) - bits : bits;
}

double difference(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  const double apart = std::abs(a - b);
  return std::isnan(apart) ? infinite : apart;
}

double root_mean_square(std::span<const double> values) {
  double sum = 0, count = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    sum += value * value;
    ++count;
  }
  return count == 0 ? 0 : std::sqrt(sum / count);
}

}  // namespace

Difference compare(nn::ConstTensorView got, nn::ConstTensorView expected,
                   const Tolerance& tolerance) {
  const bool floats = got.dtype() == nn::DType::float32 && expected.dtype() == nn::DType::float32;
  const nn::Tensor ours = nn::to(got, nn::DType::float64);
  const nn::Tensor theirs = nn::to(expected, nn::DType::float64);
  const auto a = ours.as<double>(), b = theirs.as<double>();
  const double rms = root_mean_square(b);
  Difference result;
  if (floats) result.ulps = 0;
  double furthest = -1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double apart = difference(a[i], b[i]);
    result.absolute = std::max(result.absolute, apart);
    if (b[i] != 0 && apart > 0) {
      result.relative =
          std::max(result.relative, std::isfinite(b[i]) ? apart / std::abs(b[i]) : infinite);
    }
    if (floats && apart > 0) {
      const bool unordered = std::isnan(a[i]) || std::isnan(b[i]);
      result.ulps = std::max(*result.ulps, unordered ? std::numeric_limits<std::int64_t>::max()
                                                     : std::abs(rank_of(a[i]) - rank_of(b[i])));
    }
    const double size = std::isfinite(b[i]) ? std::max(std::abs(b[i]), rms) : rms;
    const double allowed = tolerance.atol + tolerance.rtol * size;
    const double beyond = apart == 0 ? 0 : apart / allowed;
    if (beyond <= furthest) continue;
    furthest = beyond;
    result.worst = static_cast<std::int64_t>(i);
    result.got = a[i];
    result.expected = b[i];
    result.beyond = beyond;
  }
  return result;
}

}  // namespace apps
