#include <algorithm>
#include <cstring>

#include <nn/kernels/cpu.h>
#include <nn/kernels/dot_products.h>

namespace nn::kernels {
namespace {

struct DotProducts {
  std::int64_t m, n, k;
  const float* a;
  const float* b;
  const float* bias;
  float* y;
};

constexpr int lanes = 16;  // partial sums of one dot product
// Rows of b that stay in the second cache while all rows of a pass.
constexpr std::int64_t block_floats = 48 * 1024;

// By reference: returned, a wide vector would need an instruction set that its function does not
// have.
template <class V>
[[gnu::always_inline]] inline void load(V& to, const float* from) {
  std::memcpy(&to, from, sizeof to);
}

// ((0 + 8) + (4 + 12)) + … : halves onto halves, the same for every Width.
template <int Width>
[[gnu::always_inline]] inline float reduce(const Vector<Width> (&parts)[lanes / Width]) {
  float sums[lanes];
  std::memcpy(sums, parts, sizeof sums);
  for (int half = lanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) sums[i] += sums[i + half];
  }
  return sums[0];
}

// y[i0 + 0…Rows, j0 + 0…Columns], all partial sums in registers.
template <int Width, int Rows, int Columns>
[[gnu::always_inline]] inline void tile(const DotProducts& x, std::int64_t i0, std::int64_t j0) {
  using V = Vector<Width>;
  constexpr int parts = lanes / Width;
  V sum[Rows][Columns][parts] = {};
  const float* a = x.a + i0 * x.k;
  const float* b = x.b + j0 * x.k;
  const std::int64_t whole = x.k - x.k % lanes;
  for (std::int64_t k = 0; k < whole; k += lanes) {
    for (int part = 0; part < parts; ++part) {
      V row[Rows];
      for (int i = 0; i < Rows; ++i) load(row[i], a + i * x.k + k + part * Width);
      for (int j = 0; j < Columns; ++j) {
        V column;
        load(column, b + j * x.k + k + part * Width);
        for (int i = 0; i < Rows; ++i) sum[i][j][part] += row[i] * column;
      }
    }
  }
  if (whole < x.k) {  // the last, incomplete step, filled up with zeros
    const auto bytes = static_cast<std::size_t>(x.k - whole) * sizeof(float);
    float rows[Rows][lanes] = {};
    for (int i = 0; i < Rows; ++i) std::memcpy(rows[i], a + i * x.k + whole, bytes);
    for (int j = 0; j < Columns; ++j) {
      float column[lanes] = {};
      std::memcpy(column, b + j * x.k + whole, bytes);
      for (int part = 0; part < parts; ++part) {
        V right;
        load(right, column + part * Width);
        for (int i = 0; i < Rows; ++i) {
          V left;
          load(left, rows[i] + part * Width);
          sum[i][j][part] += left * right;
        }
      }
    }
  }
  for (int i = 0; i < Rows; ++i) {
    for (int j = 0; j < Columns; ++j) {
      const float bias = x.bias == nullptr ? 0.0F : x.bias[j0 + j];
      x.y[(i0 + i) * x.n + j0 + j] = reduce<Width>(sum[i][j]) + bias;
    }
  }
}

template <int Width, int Rows, int Columns>
[[gnu::always_inline]] inline void rows_of_tiles(const DotProducts& x, std::int64_t i,
                                                 std::int64_t j, std::int64_t j_end) {
  for (; j + Columns <= j_end; j += Columns) tile<Width, Rows, Columns>(x, i, j);
  for (; j < j_end; ++j) tile<Width, Rows, 1>(x, i, j);
}

template <int Width, int Rows, int Columns>
[[gnu::always_inline]] inline void compute(const DotProducts& x) {
  const std::int64_t block = std::max<std::int64_t>(block_floats / x.k / Columns, 1) * Columns;
  for (std::int64_t j = 0; j < x.n; j += block) {
    const std::int64_t j_end = std::min(j + block, x.n);
    std::int64_t i = 0;
    for (; i + Rows <= x.m; i += Rows) rows_of_tiles<Width, Rows, Columns>(x, i, j, j_end);
    if constexpr (Rows > 2) {
      for (; i + 2 <= x.m; i += 2) rows_of_tiles<Width, 2, Columns>(x, i, j, j_end);
    }
    for (; i < x.m; ++i) rows_of_tiles<Width, 1, 4>(x, i, j, j_end);
  }
}

#ifdef RUSHLIGHT_X86
[[gnu::target("avx512f,avx2,fma")]] void compute_avx512(const DotProducts& x) {
  compute<16, 4, 4>(x);
}
[[gnu::target("avx2,fma")]] void compute_avx2(const DotProducts& x) { compute<8, 2, 3>(x); }
#endif
void compute_any(const DotProducts& x) { compute<4, 1, 2>(x); }

}  // namespace

void dot_products(std::int64_t m, std::int64_t n, std::int64_t k, const float* a, const float* b,
                  const float* bias, float* y) {
  if (k == 0) {
    for (std::int64_t i = 0; i < m; ++i, y += n) {
      if (bias == nullptr) {
        std::fill_n(y, n, 0.0F);
      } else {
        std::copy_n(bias, n, y);
      }
    }
    return;
  }
  const DotProducts products{m, n, k, a, b, bias, y};
  switch (cpu()) {
#ifdef RUSHLIGHT_X86
    case Cpu::avx512:
      return compute_avx512(products);
    case Cpu::avx2:
      return compute_avx2(products);
#endif
    default:
      return compute_any(products);
  }
}

}  // namespace nn::kernels
