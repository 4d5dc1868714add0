#pragma once

// Included first by every kernel that is written with Google Highway: the instruction sets that it
// is compiled for, and how one of them is chosen at run time.

#include <type_traits>

#include <nn/kernels/cpu.h>

// Left out are SSSE3 (every processor since 2008 has SSE4 too), the newest AVX-512 extensions, which
// add nothing to float kernels, and SVE, whose vectors have no size that a compiler knows and so
// cannot stand in the arrays that hold a kernel's sums; its processors run NEON.
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
// Highway's own assertions would need its library, of which we use the headers alone: at its start
// it measures timers for a millisecond, a tenth of what classifying a picture takes.
#define HWY_IS_DEBUG_BUILD 0

namespace nn::kernels {

// Null where the compiler made no such version.
template <class Function>
Function* for_this_cpu(Function* avx512, Function* avx2, Function* sse4, Function* any) {
  const Cpu best = cpu();
  if (best >= Cpu::avx512 && avx512 != nullptr) return avx512;
  if (best >= Cpu::avx2 && avx2 != nullptr) return avx2;
  if (best >= Cpu::sse4 && sse4 != nullptr) return sse4;
  return any;
}

}  // namespace nn::kernels

// The version of a function in HWY_NAMESPACE for this processor; on others than x86 there is one.
#define RUSHLIGHT_DISPATCH(function)                                                   \
  for_this_cpu<std::remove_pointer_t<decltype(&HWY_STATIC_DISPATCH(function))>>(       \
      HWY_CHOOSE_AVX3(function), HWY_CHOOSE_AVX2(function), HWY_CHOOSE_SSE4(function), \
      &HWY_STATIC_DISPATCH(function))
