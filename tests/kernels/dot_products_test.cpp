#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include <nn/kernels/dot_products.h>

#include "../compare.h"
#include "../random.h"

namespace {

using nn::kernels::dot_products;

std::vector<float> products(std::int64_t m, std::int64_t n, std::int64_t k, const nn::Tensor& a,
                            const nn::Tensor& b, const float* bias = nullptr) {
  std::vector<float> y(static_cast<std::size_t>(m * n));
  dot_products(m, n, k, a.f32().data(), b.f32().data(), bias, y.data());
  return y;
}

TEST(DotProducts, AreRightForEverySize) {
  for (const std::int64_t m : {0, 1, 2, 3, 4, 5, 9}) {
    for (const std::int64_t n : {0, 1, 2, 3, 5, 8, 11}) {
      for (const std::int64_t k : {0, 1, 7, 15, 16, 17, 33, 800}) {
        const nn::Tensor a = random_tensor({m, k}, 1);
        const nn::Tensor b = random_tensor({n, k}, 2);
        const nn::Tensor bias = random_tensor({n}, 3);
        const std::vector<float> y = products(m, n, k, a, b, bias.f32().data());
        std::vector<double> exact;
        std::vector<float> magnitude;
        for (std::int64_t i = 0; i < m; ++i) {
          for (std::int64_t j = 0; j < n; ++j) {
            double sum = bias.f32()[static_cast<std::size_t>(j)];
            double size = std::fabs(sum);
            for (std::int64_t p = 0; p < k; ++p) {
              const double product = double{a.f32()[static_cast<std::size_t>(i * k + p)]} *
                                     double{b.f32()[static_cast<std::size_t>(j * k + p)]};
              sum += product;
              size += std::fabs(product);
            }
            exact.push_back(sum);
            magnitude.push_back(static_cast<float>(size));
          }
        }
        EXPECT_TRUE(compare::within_rounding(y, exact, magnitude)) << m << " " << n << " " << k;
      }
    }
  }
}

TEST(DotProducts, HaveTheSameBitsWhateverElseIsComputed) {
  constexpr std::int64_t m = 13, n = 23;
  for (const std::int64_t k : {5, 16, 83, 4000}) {
    const nn::Tensor a = random_tensor({m, k}, 1);
    const nn::Tensor b = random_tensor({n, k}, 2);
    const std::vector<float> all = products(m, n, k, a, b);
    for (std::int64_t i = 0; i < m; ++i) {
      for (std::int64_t j = 0; j < n; ++j) {
        float alone = 0;
        dot_products(1, 1, k, a.f32().data() + i * k, b.f32().data() + j * k, nullptr, &alone);
        ASSERT_EQ(compare::ulps(alone, all[static_cast<std::size_t>(i * n + j)]), 0)
            << i << " " << j << " " << k;
      }
    }
  }
}

}  // namespace
