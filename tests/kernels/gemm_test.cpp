#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include <nn/kernels/gemm.h>

#include "../compare.h"
#include "../random.h"

namespace {

using nn::kernels::gemm;
using nn::kernels::Matrix;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

float at(const Matrix& matrix, std::int64_t i, std::int64_t j) {
  return matrix.transposed ? matrix.data[j * matrix.stride + i]
                           : matrix.data[i * matrix.stride + j];
}

// C = A B against the sums in double, with rows of C further apart than n.
void expect_product(std::int64_t m, std::int64_t n, std::int64_t k, Matrix a, Matrix b) {
  const std::int64_t c_stride = n + 3;
  std::vector<float> c(static_cast<std::size_t>(m * c_stride), nan);
  gemm(m, n, k, a, b, c.data(), c_stride);
  std::vector<float> got, magnitude;
  std::vector<double> exact;
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < c_stride; ++j) {
      const float value = c[static_cast<std::size_t>(i * c_stride + j)];
      if (j >= n) {
        EXPECT_TRUE(std::isnan(value)) << "wrote between the rows";
        continue;
      }
      double sum = 0;
      double size = 0;
      for (std::int64_t p = 0; p < k; ++p) {
        const double product = double{at(a, i, p)} * double{at(b, p, j)};
        sum += product;
        size += std::fabs(product);
      }
      got.push_back(value);
      exact.push_back(sum);
      magnitude.push_back(static_cast<float>(size));
    }
  }
  EXPECT_TRUE(compare::within_rounding(got, exact, magnitude))
      << m << "x" << k << " · " << k << "x" << n << (a.transposed ? " A'" : "")
      << (b.transposed ? " B'" : "");
}

TEST(Gemm, MultipliesMatricesOfEverySizeStrideAndOrder) {
  for (const std::int64_t m : {1, 2, 3, 7, 8, 13}) {
    for (const std::int64_t n : {1, 5, 15, 16, 33, 40}) {
      for (const std::int64_t k : {1, 3, 16, 257}) {
        const nn::Tensor left = random_tensor({m + k, m + k + 2}, 1);
        const nn::Tensor right = random_tensor({k + n, k + n + 1}, 2);
        const Matrix a{left.f32().data(), m + k + 2};
        const Matrix b{right.f32().data(), k + n + 1};
        expect_product(m, n, k, a, b);
        expect_product(m, n, k, {a.data, a.stride, true}, b);
        expect_product(m, n, k, a, {b.data, b.stride, true});
        expect_product(m, n, k, {a.data, a.stride, true}, {b.data, b.stride, true});
      }
    }
  }
}

TEST(Gemm, GivesZerosForNoProductsAndNothingForNoRows) {
  std::vector<float> c(6, nan);
  gemm(2, 3, 0, {nullptr, 0}, {nullptr, 3}, c.data(), 3);
  EXPECT_EQ(c, std::vector<float>(6, 0));
  gemm(0, 3, 2, {nullptr, 2}, {c.data(), 3}, nullptr, 3);
  gemm(2, 0, 2, {c.data(), 2}, {nullptr, 0}, nullptr, 0);
}

TEST(Gemm, LetsNanAndInfinityTimesZeroBeNan) {
  for (const float bad : {nan, std::numeric_limits<float>::infinity()}) {
    for (const std::int64_t n : {1, 3, 40}) {
      std::vector<float> a(5 * 7, 0.0F), b(static_cast<std::size_t>(7 * n), 0.0F);
      std::vector<float> c(static_cast<std::size_t>(5 * n));
      b[static_cast<std::size_t>(3 * n)] = bad;  // column 0
      gemm(5, n, 7, {a.data(), 7}, {b.data(), n}, c.data(), n);
      for (std::size_t i = 0; i < c.size(); ++i) {
        EXPECT_EQ(std::isnan(c[i]), i % static_cast<std::size_t>(n) == 0) << i;
      }
    }
  }
}

TEST(Gemm, GivesTheSameBitsForTheSameCallAtAnyAddress) {
  constexpr std::int64_t m = 20, n = 67, k = 75;
  const nn::Tensor a = random_tensor({m, k}, 1);
  const nn::Tensor b = random_tensor({k, n}, 2);
  std::vector<float> first(m * n);
  gemm(m, n, k, {a.f32().data(), k}, {b.f32().data(), n}, first.data(), n);
  for (std::size_t offset = 1; offset < 17; ++offset) {
    std::vector<float> moved(offset + k * n), result(offset + m * n);
    std::ranges::copy(b.f32(), moved.begin() + static_cast<std::ptrdiff_t>(offset));
    gemm(m, n, k, {a.f32().data(), k}, {moved.data() + offset, n}, result.data() + offset, n);
    EXPECT_TRUE(compare::same_bits(std::span(result).subspan(offset), first));
  }
}

#ifdef RUSHLIGHT_BLAS
TEST(Gemm, OpensTheBlasThatTheBuildFound) {
  EXPECT_TRUE(nn::kernels::has_blas()) << "is it one with threads? Set OPENBLAS_NUM_THREADS=1";
}
#endif

}  // namespace
