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

// Sixteen partial sums to four, halves onto halves: 0 + 8 … 7 + 15, then 0 + 4 … 3 + 7. The same
// additions for every Width.
template <int Width>
[[gnu::always_inline]] inline void fold(const Vector<Width> (&parts)[lanes / Width],
                                        Vector<4>& four) {
  if constexpr (Width == 16) {
    const Vector<16>& v = parts[0];
    const Vector<8> half = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                           __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
    four = __builtin_shufflevector(half, half, 0, 1, 2, 3) +
           __builtin_shufflevector(half, half, 4, 5, 6, 7);
  } else if constexpr (Width == 8) {
    const Vector<8> half = parts[0] + parts[1];
    four = __builtin_shufflevector(half, half, 0, 1, 2, 3) +
           __builtin_shufflevector(half, half, 4, 5, 6, 7);
  } else {
    four = (parts[0] + parts[2]) + (parts[1] + parts[3]);
  }
}

// The sums (0 + 2) + (1 + 3) of four such vectors at once.
[[gnu::always_inline]] inline void sums_of(const Vector<4> (&v)[4], Vector<4>& sums) {
  const Vector<4> left = __builtin_shufflevector(v[0], v[1], 0, 1, 4, 5) +
                         __builtin_shufflevector(v[0], v[1], 2, 3, 6, 7);
  const Vector<4> right = __builtin_shufflevector(v[2], v[3], 0, 1, 4, 5) +
                          __builtin_shufflevector(v[2], v[3], 2, 3, 6, 7);
  sums = __builtin_shufflevector(left, right, 0, 2, 4, 6) +
         __builtin_shufflevector(left, right, 1, 3, 5, 7);
}

// y[i0 + 0…Rows, j0 + 0…Columns], all partial sums in registers.
template <int Width, int Rows, int Columns>
[[gnu::always_inline]] inline void tile(const DotProducts& x, std::int64_t i0, std::int64_t j0) {
  static_assert(Columns <= 4);
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
    Vector<4> four[4] = {};
    for (int j = 0; j < Columns; ++j) fold<Width>(sum[i][j], four[j]);
    Vector<4> sums;
    sums_of(four, sums);
    float* y = x.y + (i0 + i) * x.n + j0;
    for (int j = 0; j < Columns; ++j) y[j] = sums[j] + (x.bias == nullptr ? 0.0F : x.bias[j0 + j]);
  }
}

template <int Width, int Rows, int Columns>
[[gnu::always_inline]] inline void row_of_tiles(const DotProducts& x, std::int64_t i,
                                                std::int64_t j, std::int64_t j_end) {
  for (; j + Columns <= j_end; j += Columns) tile<Width, Rows, Columns>(x, i, j);
  for (; j < j_end; ++j) tile<Width, Rows, 1>(x, i, j);
}

// The last rows, fewer than a whole tile has.
template <int Width, int Rows, int Columns>
[[gnu::always_inline]] inline void last_rows(const DotProducts& x, std::int64_t i, std::int64_t j,
                                             std::int64_t j_end) {
  if constexpr (Rows > 0) {
    if (x.m - i == Rows) return row_of_tiles<Width, Rows, Columns>(x, i, j, j_end);
    last_rows<Width, Rows - 1, Columns>(x, i, j, j_end);
  }
}

template <int Width, int Rows, int Columns>
[[gnu::always_inline]] inline void compute(const DotProducts& x) {
  const std::int64_t block = std::max<std::int64_t>(block_floats / x.k / 4, 1) * 4;
  for (std::int64_t j = 0; j < x.n; j += block) {
    const std::int64_t j_end = std::min(j + block, x.n);
    std::int64_t i = 0;
    for (; i + Rows <= x.m; i += Rows) row_of_tiles<Width, Rows, Columns>(x, i, j, j_end);
    last_rows<Width, Rows - 1, Columns>(x, i, j, j_end);
  }
}

// Tiles that fill the registers (24 of 32, 12 of 16, 8 of 16). More rows than columns: a row of
// tiles keeps its rows of a in the first cache and reads those of b from the second.
#ifdef RUSHLIGHT_X86
[[gnu::target("avx512f,avx2,fma")]] void compute_avx512(const DotProducts& x) {
  compute<16, 6, 4>(x);
}
[[gnu::target("avx2,fma")]] void compute_avx2(const DotProducts& x) { compute<8, 3, 2>(x); }
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
