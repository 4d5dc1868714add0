#pragma once

// Picking an instruction set at run time. A kernel's body is an always_inline template over the
// width of its vectors; one wrapper per instruction set compiles it (RUSHLIGHT_TARGET), and `cpu()`
// says which of them the machine can run. Vectors are the compilers' own (gcc and clang, any
// processor).

#include <cstring>

#if defined(__x86_64__)
#define RUSHLIGHT_X86 1
#endif

namespace nn::kernels {

enum class Cpu { any, avx2, avx512 };

inline Cpu cpu() {
#ifdef RUSHLIGHT_X86
  static const Cpu detected = [] {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("fma")) return Cpu::avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Cpu::avx2;
    return Cpu::any;
  }();
  return detected;
#else
  return Cpu::any;
#endif
}

// `Width` floats. Lives in registers where the wrapper's instruction set has them.
template <int Width>
struct VectorOf {
  typedef float type __attribute__((vector_size(Width * sizeof(float))));
};
template <int Width>
using Vector = typename VectorOf<Width>::type;

}  // namespace nn::kernels
