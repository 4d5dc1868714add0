#pragma once

#include <array>
#include <gtest/gtest.h>

#include <nn/kernels/cpu.h>

// Calls `test` once for each instruction set that the kernels are compiled for and this processor
// has; afterwards the best is chosen again.
template <class Test>
void for_each_target(Test test) {
  using nn::kernels::Cpu;
  constexpr std::array names{"any", "SSE4", "AVX2", "AVX-512"};
  const Cpu best = nn::kernels::best_cpu();
  for (int target = static_cast<int>(best); target >= 0; --target) {
    nn::kernels::set_cpu(static_cast<Cpu>(target));
    SCOPED_TRACE(names[static_cast<std::size_t>(target)]);
    test();
  }
  nn::kernels::set_cpu(best);
}
