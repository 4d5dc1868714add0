#include <atomic>

#include <nn/kernels/cpu.h>
#ifdef RUSHLIGHT_X86
#include <cpuid.h>
#endif

namespace nn::kernels {
namespace {

std::atomic<Cpu>& chosen() {
  static std::atomic<Cpu> cpu{best_cpu()};
  return cpu;
}

#ifdef RUSHLIGHT_X86
// Half floats to floats and back; clang 14 knows no such name.
bool has_f16c() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
}
#endif

}  // namespace

Cpu best_cpu() {
#ifdef RUSHLIGHT_X86
  // What Highway asks for under these names.
  __builtin_cpu_init();
  const bool sse4 = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("ssse3") &&
                    __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("aes");
  const bool avx2 = sse4 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && has_f16c();
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return avx512 ? Cpu::avx512 : avx2 ? Cpu::avx2 : sse4 ? Cpu::sse4 : Cpu::any;
#else
  return Cpu::any;
#endif
}

Cpu cpu() { return chosen().load(std::memory_order_relaxed); }
void set_cpu(Cpu cpu) { chosen().store(cpu, std::memory_order_relaxed); }

}  // namespace nn::kernels
