#pragma once

#include <cstddef>

namespace test {

// What a piece of work costs: the most bytes above what was allocated before.
struct Cost {
  std::size_t peak_bytes = 0;
};

std::size_t allocated_bytes();
std::size_t peak_bytes();
void reset_peak();

// Lets so many allocations succeed and every later one fail with std::bad_alloc.
void fail_allocations_after(std::size_t successes);
// Ends that; whether one has failed.
bool stop_failing_allocations();

template <class Work>
Cost cost_of(Work&& work) {
  reset_peak();
  const std::size_t before = allocated_bytes();
  work();
  return {peak_bytes() - before};
}

}  // namespace test
