#pragma once

#include <cstddef>

namespace test {

// What a piece of work costs: seconds of processor time and bytes above what was allocated before.
struct Cost {
  double seconds = 0;
  std::size_t peak_bytes = 0;
};

std::size_t allocated_bytes();
std::size_t peak_bytes();
void reset_peak();
double processor_seconds();

template <class Work>
Cost cost_of(Work&& work) {
  reset_peak();
  const std::size_t before = allocated_bytes();
  const double start = processor_seconds();
  work();
  return {processor_seconds() - start, peak_bytes() - before};
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr double slowdown = 20;
#elif defined(__has_feature)
inline constexpr double slowdown = 20;
#else
inline constexpr double slowdown = 1;
#endif

}  // namespace test
