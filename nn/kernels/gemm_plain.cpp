// Matrix products by our own loops. Every element is summed over k in rising order, whatever the
// sizes of the matrices are, so an element's bits depend on its row and its column alone.
#include <algorithm>
#include <cstring>

#include <nn/kernels/cpu.h>
#include <nn/kernels/gemm.h>

namespace nn::kernels {
namespace {

struct Product {
  std::int64_t m, n, k;
  Matrix a, b;
  float* c;
  std::int64_t c_stride;
};

// Rows of B in one packed panel: the panel (up to 32 KiB) stays in the first cache while all rows
// of A pass over it.
constexpr std::int64_t panel_depth = 256;

// panel[p, j] = B[k0 + p, n0 + j], zero beyond the last column.
template <int Columns>
[[gnu::always_inline]] inline void pack(const Product& x, std::int64_t k0, std::int64_t depth,
                                        std::int64_t n0, std::int64_t columns, float* panel) {
  for (std::int64_t p = 0; p < depth; ++p, panel += Columns) {
    if (x.b.transposed) {
      const float* from = x.b.data + n0 * x.b.stride + k0 + p;
      for (std::int64_t j = 0; j < columns; ++j) panel[j] = from[j * x.b.stride];
    } else {
      std::copy_n(x.b.data + (k0 + p) * x.b.stride + n0, columns, panel);
    }
    std::fill(panel + columns, panel + Columns, 0.0F);
  }
}

// A tile of C, [Rows, 2 Width], held in registers over `depth` steps of k. It starts from C unless
// these are the first steps; `columns` of it exist.
template <int Width, int Rows>
[[gnu::always_inline]] inline void tile(const Product& x, std::int64_t i0, std::int64_t k0,
                                        std::int64_t depth, const float* panel, std::int64_t n0,
                                        std::int64_t columns) {
  using V = Vector<Width>;
  const std::int64_t row_step = x.a.transposed ? 1 : x.a.stride;
  const std::int64_t k_step = x.a.transposed ? x.a.stride : 1;
  const float* a = x.a.data + i0 * row_step + k0 * k_step;
  float* c = x.c + i0 * x.c_stride + n0;
  V sum[Rows][2] = {};
  float edge[2 * Width] = {};
  const bool whole = columns == 2 * Width;
  if (k0 > 0) {
    for (int i = 0; i < Rows; ++i) {
      const float* from = c + i * x.c_stride;
      if (!whole) {
        std::memcpy(edge, from, static_cast<std::size_t>(columns) * sizeof(float));
        from = edge;
      }
      std::memcpy(&sum[i][0], from, sizeof(V));
      std::memcpy(&sum[i][1], from + Width, sizeof(V));
    }
  }
  for (std::int64_t p = 0; p < depth; ++p) {
    V low, high;
    std::memcpy(&low, panel + p * 2 * Width, sizeof(V));
    std::memcpy(&high, panel + p * 2 * Width + Width, sizeof(V));
    for (int i = 0; i < Rows; ++i) {
      const float factor = a[i * row_step + p * k_step];
      sum[i][0] += factor * low;
      sum[i][1] += factor * high;
    }
  }
  for (int i = 0; i < Rows; ++i) {
    float* to = c + i * x.c_stride;
    if (whole) {
      std::memcpy(to, &sum[i][0], sizeof(V));
      std::memcpy(to + Width, &sum[i][1], sizeof(V));
    } else {
      std::memcpy(edge, &sum[i][0], sizeof(V));
      std::memcpy(edge + Width, &sum[i][1], sizeof(V));
      std::memcpy(to, edge, static_cast<std::size_t>(columns) * sizeof(float));
    }
  }
}

template <int Width, int Rows>
[[gnu::always_inline]] inline void multiply(const Product& x) {
  constexpr int panel_columns = 2 * Width;
  alignas(64) float panel[panel_depth * panel_columns];
  for (std::int64_t k0 = 0; k0 < x.k; k0 += panel_depth) {
    const std::int64_t depth = std::min(panel_depth, x.k - k0);
    for (std::int64_t n0 = 0; n0 < x.n; n0 += panel_columns) {
      const std::int64_t columns = std::min<std::int64_t>(panel_columns, x.n - n0);
      pack<panel_columns>(x, k0, depth, n0, columns, panel);
      std::int64_t i = 0;
      for (; i + Rows <= x.m; i += Rows) tile<Width, Rows>(x, i, k0, depth, panel, n0, columns);
      for (; i + 2 <= x.m; i += 2) tile<Width, 2>(x, i, k0, depth, panel, n0, columns);
      for (; i < x.m; ++i) tile<Width, 1>(x, i, k0, depth, panel, n0, columns);
    }
  }
}

// As many rows as leave registers for the panel: 16 of 32, 12 of 16, 8 of 16 accumulators.
#ifdef RUSHLIGHT_X86
[[gnu::target("avx512f,avx2,fma")]] void multiply_avx512(const Product& x) { multiply<16, 8>(x); }
[[gnu::target("avx2,fma")]] void multiply_avx2(const Product& x) { multiply<8, 6>(x); }
#endif
void multiply_any(const Product& x) { multiply<4, 4>(x); }

}  // namespace

void gemm_plain(std::int64_t m, std::int64_t n, std::int64_t k, Matrix a, Matrix b, float* c,
                std::int64_t c_stride) {
  const Product product{m, n, k, a, b, c, c_stride};
  switch (cpu()) {
#ifdef RUSHLIGHT_X86
    case Cpu::avx512:
      return multiply_avx512(product);
    case Cpu::avx2:
      return multiply_avx2(product);
#endif
    default:
      return multiply_any(product);
  }
}

}  // namespace nn::kernels
