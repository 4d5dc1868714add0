// The only source that meets the BLAS. It is opened when the first large product asks for it: that
// takes 2 ms and 2 MiB, which no program pays whose sessions have packed kernels.
#include <algorithm>
#include <cblas.h>
#include <dlfcn.h>
#include <sys/mman.h>

#include <nn/kernels/gemm.h>

namespace nn::kernels {
namespace {

using Sgemm = decltype(&cblas_sgemm);

CBLAS_TRANSPOSE order_of(const Matrix& matrix) {
  return matrix.transposed ? CblasTrans : CblasNoTrans;
}

// BLAS wants a stride of at least 1, also where there is one row only.
blasint stride_of(std::int64_t stride) {
  return static_cast<blasint>(std::max<std::int64_t>(stride, 1));
}

// May the process map the buffer that OpenBLAS takes at its first product? It would wait for that
// memory for ever.
bool has_memory() {
  constexpr std::size_t buffer = std::size_t{64} << 20;  // twice OpenBLAS's
  void* const probe =
      mmap(nullptr, buffer, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (probe == MAP_FAILED) return false;
  munmap(probe, buffer);
  return true;
}

template <class Function>
Function symbol(void* library, const char* name) {
  return reinterpret_cast<Function>(dlsym(library, name));
}

// The product of an OpenBLAS that runs on the calling thread alone: the one that the build found,
// else the system's.
Sgemm find_sgemm() {
  if (!has_memory()) return nullptr;
  for (const char* file : {RUSHLIGHT_BLAS_FILE, "libopenblas.so.0"}) {
    void* const library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) continue;
    const auto threads = symbol<int (*)()>(library, "openblas_get_num_threads");
    const auto sgemm = symbol<Sgemm>(library, "cblas_sgemm");
    if (sgemm != nullptr && threads != nullptr && threads() == 1) return sgemm;
    dlclose(library);
  }
  return nullptr;
}

Sgemm sgemm() {
  static const Sgemm found = find_sgemm();
  return found;
}

}  // namespace

bool has_blas() { return sgemm() != nullptr; }

void gemm_blas(std::int64_t m, std::int64_t n, std::int64_t k, Matrix a, Matrix b, float* c,
               std::int64_t c_stride) {
  sgemm()(CblasRowMajor, order_of(a), order_of(b), static_cast<blasint>(m), static_cast<blasint>(n),
          static_cast<blasint>(k), 1.0F, a.data, stride_of(a.stride), b.data, stride_of(b.stride),
          0.0F, c, stride_of(c_stride));
}

}  // namespace nn::kernels
