// The only source that meets the BLAS.
#include <algorithm>
#include <cblas.h>
#include <sys/mman.h>

#include <nn/kernels/gemm.h>

namespace nn::kernels {
namespace {

CBLAS_TRANSPOSE order_of(const Matrix& matrix) {
  return matrix.transposed ? CblasTrans : CblasNoTrans;
}

// BLAS wants a stride of at least 1, also where there is one row only.
blasint stride_of(std::int64_t stride) {
  return static_cast<blasint>(std::max<std::int64_t>(stride, 1));
}

}  // namespace

bool blas_has_memory() {
  static const bool has_memory = [] {
    constexpr std::size_t buffer = std::size_t{64} << 20;  // twice OpenBLAS's
    void* const probe =
        mmap(nullptr, buffer, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (probe == MAP_FAILED) return false;
    munmap(probe, buffer);
    return true;
  }();
  return has_memory;
}

void gemm_blas(std::int64_t m, std::int64_t n, std::int64_t k, Matrix a, Matrix b, float* c,
               std::int64_t c_stride) {
  cblas_sgemm(CblasRowMajor, order_of(a), order_of(b), static_cast<blasint>(m),
              static_cast<blasint>(n), static_cast<blasint>(k), 1.0F, a.data, stride_of(a.stride),
              b.data, stride_of(b.stride), 0.0F, c, stride_of(c_stride));
}

}  // namespace nn::kernels
