#pragma once

// Picking an instruction set at run time: `cpu()` says which the machine can run. Kernels with
// Highway choose by it in RUSHLIGHT_DISPATCH (simd_targets.h); the older ones compile an
// always_inline template over the width of the compilers' own vectors in one wrapper per
// instruction set.

#include <cstring>

#if defined(__x86_64__)
#define RUSHLIGHT_X86 1
#endif

namespace nn::kernels {

// Each has all that those before it have. `avx512` means F, BW, CD, DQ and VL.
enum class Cpu { any, sse4, avx2, avx512 };

// The best that this processor has, or what `set_cpu` said.
Cpu cpu();
// For tests: from here on this one.  REQUIRES: the processor has it.
void set_cpu(Cpu cpu);
// The best that this processor has.
Cpu best_cpu();

// `Width` floats. Lives in registers where the wrapper's instruction set has them.
template <int Width>
struct VectorOf {
  typedef float type __attribute__((vector_size(Width * sizeof(float))));
};
template <int Width>
using Vector = typename VectorOf<Width>::type;

}  // namespace nn::kernels
