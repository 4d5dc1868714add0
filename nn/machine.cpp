#include <algorithm>
#include <chrono>

#include <nn/kernels/peak.h>
#include <nn/machine.h>
#include <nn/tensor.h>

namespace nn {
namespace {

// The best rate of `work`, which does some and returns how much.
template <class Work>
double best_rate(Work work) {
  using Clock = std::chrono::steady_clock;
  constexpr auto one = std::chrono::milliseconds(1);
  double best = 0;
  const auto begin = Clock::now();
  for (auto from = begin; from - begin < 20 * one;) {
    double done = 0;
    auto to = from;
    for (; to - from < one; to = Clock::now()) done += work();
    best = std::max(best, done / std::chrono::duration<double>(to - from).count());
    from = to;
  }
  return best;
}

}  // namespace

double measure_peak_flops() {
  volatile float seen = 0;
  return best_rate([&] {
    float result = 0;
    const std::int64_t count = kernels::multiply_add_chains(10'000, result);
    seen = result;
    return 2 * static_cast<double>(count);
  });
}

double measure_read_bandwidth(std::size_t bytes) {
  const std::size_t floats = std::max<std::size_t>(bytes, 4096) / sizeof(float);
  Tensor buffer = Tensor::uninitialized({{static_cast<std::int64_t>(floats)}, DType::float32});
  std::ranges::fill(buffer.f32(), 1.0F);  // gives it its memory
  // Short ones several times, so that looking at the clock does not count.
  const std::size_t passes = std::max<std::size_t>((std::size_t{64} << 10) / floats, 1);
  volatile float seen = 0;
  return best_rate([&] {
    for (std::size_t pass = 0; pass < passes; ++pass) seen = kernels::sum(buffer.f32());
    return static_cast<double>(passes * floats * sizeof(float));
  });
}

}  // namespace nn
