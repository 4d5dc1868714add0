#pragma once

#include <gtest/gtest.h>
#include <hwy/highway.h>
#include <string>

// Calls `test` once for each instruction set that this processor has and the kernels are compiled for, the
// slowest last; afterwards the best one is chosen again.
template <class Test>
void for_each_target(Test test) {
  hwy::SetSupportedTargetsForTest(0);
  const std::int64_t supported = hwy::SupportedTargets();
  for (std::int64_t rest = supported; rest != 0; rest &= rest - 1) {
    const std::int64_t target = rest & -rest;
    if (target == HWY_AVX3_DL || target == HWY_SSSE3) continue;  // left out of the kernels
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    SCOPED_TRACE(hwy::TargetName(target));
    test();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}
