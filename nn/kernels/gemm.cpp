#include <algorithm>

#include <nn/kernels/gemm.h>

namespace nn::kernels {
namespace {

// Below this many multiplications OpenBLAS (0.3.21 on AVX-512) takes a path that allocates memory
// for some sizes, which a run must not.
[[maybe_unused]] constexpr std::int64_t blas_from = 100 * 100 * 100 + 1;

}  // namespace

void gemm(std::int64_t m, std::int64_t n, std::int64_t k, Matrix a, Matrix b, float* c,
          std::int64_t c_stride) {
  if (m == 0 || n == 0) return;
  if (k == 0) {
    for (std::int64_t i = 0; i < m; ++i) std::fill_n(c + i * c_stride, n, 0.0F);
    return;
  }
#ifdef RUSHLIGHT_BLAS
  // In double, where no product of sizes overflows.
  if (static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k) >= blas_from &&
      has_blas()) {
    return gemm_blas(m, n, k, a, b, c, c_stride);
  }
#endif
  gemm_plain(m, n, k, a, b, c, c_stride);
}

}  // namespace nn::kernels
