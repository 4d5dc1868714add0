#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/linear.cpp"
#include <algorithm>
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <nn/kernels/linear.h>
#include <nn/kernels/linear_pack_inl.h>
#include <nn/kernels/simd_inl.h>
#include <nn/kernels/stored_inl.h>

#ifndef RUSHLIGHT_LINEAR_COMMON
#define RUSHLIGHT_LINEAR_COMMON
namespace nn::kernels {

// Products that one running sum takes before it is added to the total: long sums of one sign lose
// less so.
constexpr std::int64_t sum_depth = 128;
// Values of a row that are looked through for zeros; longer rows are computed whole.
constexpr std::int64_t longest_sparse_row = 16 * 1024;

// Where the non-zero values of a row are: those of products [i * sum_depth, (i + 1) * sum_depth)
// are at[begin[i] … begin[i + 1]).
struct NonZeros {
  std::int32_t at[longest_sparse_row + 16];  // whole vectors are written
  std::int32_t begin[longest_sparse_row / sum_depth + 1];
};

}  // namespace nn::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

using V = hn::Vec<Wide>;

// A panel is two vectors of columns; what is left in the end, when one vector takes it, is a narrow
// panel.
constexpr std::int64_t panel_columns = 2 * wide_lanes;
// Rows that one pass over a panel serves: with eight, AVX-512 waits for neither sums nor loads, and
// is 1.5 % faster than with twelve; elsewhere as many as fill the registers (24 of 32, 12 of 16).
#if HWY_MAX_BYTES >= 64
constexpr int most_rows = 8;
#elif HWY_ARCH_ARM_A64
constexpr int most_rows = 12;
#else
constexpr int most_rows = 6;
#endif

struct Panels {
  explicit Panels(std::int64_t columns)
      : whole(columns / panel_columns),
        rest(columns % panel_columns),
        narrow(rest > 0 && rest <= wide_lanes) {
    if (rest > 0 && !narrow) ++whole;
  }
  std::int64_t whole;  // panels of two vectors, the last of them perhaps partly empty
  std::int64_t rest;   // columns of the last panel, or 0 when it is full
  bool narrow;         // one vector of columns follows
};

// Weights from panel to panel. Panels a multiple of 4 KiB apart would fall on the same lines of the
// first cache.
template <class Stored>
HWY_INLINE std::int64_t panel_step(std::int64_t in) {
  constexpr auto in_4_kib = static_cast<std::int64_t>(4096 / sizeof(Stored));
  const std::int64_t weights = in * panel_columns;
  return weights % in_4_kib == 0 ? weights + panel_columns : weights;
}

HWY_INLINE V finished(V sums, V bias, Clamp clamp) {
  return clamped(wide, hn::Add(sums, bias), clamp);
}

// Totals of one row's columns [column, column + count) become results. Beyond the last column there
// is nothing to write, nor a bias to read.
HWY_INLINE void finish(const float* totals, std::int64_t column, std::int64_t count,
                       const LinearEpilogue& epilogue, float* y) {
  for (std::int64_t j = 0; j < count; j += wide_lanes) {
    const std::int64_t left = count - j;
    const V sums = hn::Load(wide, totals + j);
    if (left >= wide_lanes) {
      const V bias =
          epilogue.bias == nullptr ? hn::Zero(wide) : hn::LoadU(wide, epilogue.bias + column + j);
      hn::StoreU(finished(sums, bias, epilogue.clamp), wide, y + column + j);
    } else {
      const V bias =
          epilogue.bias == nullptr ? hn::Zero(wide) : load_some(epilogue.bias + column + j, left);
      store_some(finished(sums, bias, epilogue.clamp), y + column + j, left);
    }
  }
}

// `Rows` rows of x by `Count` neighbouring panels.
template <class Stored, int Rows, int Count>
void whole_panels(const LinearShape& s, const float* HWY_RESTRICT x,
                  const Stored* HWY_RESTRICT panel, std::int64_t column, std::int64_t columns,
                  const LinearEpilogue& epilogue, float* y) {
  constexpr int vectors = 2 * Count;
  const std::int64_t in = s.in_features, step = panel_step<Stored>(in);
  V total[Rows][vectors];
  HWY_UNROLL(12)
  for (int i = 0; i < Rows; ++i) {
    HWY_UNROLL(8)
    for (int j = 0; j < vectors; ++j) total[i][j] = hn::Zero(wide);
  }
  for (std::int64_t begin = 0; begin < in; begin += sum_depth) {
    const std::int64_t end = std::min(begin + sum_depth, in);
    V sum[Rows][vectors];
    HWY_UNROLL(12)
    for (int i = 0; i < Rows; ++i) {
      HWY_UNROLL(8)
      for (int j = 0; j < vectors; ++j) sum[i][j] = hn::Zero(wide);
    }
    for (std::int64_t k = begin; k < end; ++k) {
      V weight[vectors];
      HWY_UNROLL(4)
      for (int j = 0; j < vectors; j += 2) {
        widened_pair(panel + j / 2 * step + k * panel_columns, weight[j], weight[j + 1]);
      }
      HWY_UNROLL(12)
      for (int i = 0; i < Rows; ++i) {
        const V value = hn::Set(wide, x[i * in + k]);
        HWY_UNROLL(8)
        for (int j = 0; j < vectors; ++j) sum[i][j] = hn::MulAdd(value, weight[j], sum[i][j]);
      }
    }
    HWY_UNROLL(12)
    for (int i = 0; i < Rows; ++i) {
      HWY_UNROLL(8)
      for (int j = 0; j < vectors; ++j) total[i][j] = hn::Add(total[i][j], sum[i][j]);
    }
  }
  if (columns == vectors * wide_lanes) {
    HWY_UNROLL(8)
    for (int j = 0; j < vectors; ++j) {
      const std::int64_t at = column + j * wide_lanes;
      const V bias =
          epilogue.bias == nullptr ? hn::Zero(wide) : hn::LoadU(wide, epilogue.bias + at);
      HWY_UNROLL(12)
      for (int i = 0; i < Rows; ++i) {
        hn::StoreU(finished(total[i][j], bias, epilogue.clamp), wide, y + i * s.out_features + at);
      }
    }
    return;
  }
  HWY_ALIGN float totals[Rows * vectors * wide_lanes];
  HWY_UNROLL(12)
  for (int i = 0; i < Rows; ++i) {
    HWY_UNROLL(8)
    for (int j = 0; j < vectors; ++j) {
      hn::Store(total[i][j], wide, totals + (i * vectors + j) * wide_lanes);
    }
  }
  for (int i = 0; i < Rows; ++i) {
    finish(totals + i * vectors * wide_lanes, column, columns, epilogue, y + i * s.out_features);
  }
}

// NaN is no zero (Highway's Ne is false for it).
void find_non_zeros(const float* x, std::int64_t count, NonZeros& non_zeros) {
  const hn::RebindToSigned<Wide> indices;
  std::int32_t found = 0;
  for (std::int64_t part = 0; part * sum_depth < count; ++part) {
    non_zeros.begin[part] = found;
    std::int64_t k = part * sum_depth;
    const std::int64_t end = std::min(k + sum_depth, count);
    for (; k + wide_lanes <= end; k += wide_lanes) {
      const auto here =
          hn::RebindMask(indices, hn::Not(hn::Eq(hn::LoadU(wide, x + k), hn::Zero(wide))));
      const auto place = hn::Iota(indices, static_cast<std::int32_t>(k));
      hn::StoreU(hn::Compress(place, here), indices, non_zeros.at + found);
      found += static_cast<std::int32_t>(hn::CountTrue(indices, here));
    }
    for (; k < end; ++k) {
      non_zeros.at[found] = static_cast<std::int32_t>(k);
      found += x[k] != 0 ? 1 : 0;
    }
    non_zeros.begin[part + 1] = found;
  }
}

// One row by `Count` panels, its zeros left out. Adding ±0 changes no sum (a sum of -0 becomes +0
// with the total), so the bits are those of whole_panels.
template <class Stored, int Count>
void sparse_panels(const LinearShape& s, const float* HWY_RESTRICT x, const NonZeros& non_zeros,
                   const Stored* HWY_RESTRICT panel, std::int64_t column, std::int64_t columns,
                   const LinearEpilogue& epilogue, float* y) {
  constexpr int vectors = 2 * Count;
  const std::int64_t in = s.in_features, step = panel_step<Stored>(in);
  HWY_ALIGN float totals[Count * panel_columns];
  for (std::int64_t part = 0; part * sum_depth < in; ++part) {
    V sum[vectors];
    HWY_UNROLL(8)
    for (int j = 0; j < vectors; ++j) sum[j] = hn::Zero(wide);
    for (std::int32_t i = non_zeros.begin[part]; i < non_zeros.begin[part + 1]; ++i) {
      const std::int64_t k = non_zeros.at[i];
      const V value = hn::Set(wide, x[k]);
      HWY_UNROLL(4)
      for (int j = 0; j < vectors; j += 2) {
        V first, second;
        widened_pair(panel + j / 2 * step + k * panel_columns, first, second);
        sum[j] = hn::MulAdd(value, first, sum[j]);
        sum[j + 1] = hn::MulAdd(value, second, sum[j + 1]);
      }
    }
    for (int j = 0; j < vectors; ++j) {
      float* const total = totals + j * wide_lanes;
      hn::Store(hn::Add(part == 0 ? hn::Zero(wide) : hn::Load(wide, total), sum[j]), wide, total);
    }
  }
  finish(totals, column, columns, epilogue, y);
}

// The narrow panel is [columns, in], as the weights are, each row of it padded with zeros to whole
// vectors: one vector of columns would be partly empty, and read for few products.
HWY_INLINE std::int64_t narrow_step(std::int64_t in) {
  return (in + wide_lanes - 1) / wide_lanes * wide_lanes;
}

// The sums of each vector's lanes.
HWY_INLINE void sums_of_lanes(V a, V b, V c, V d, float* to) {
#if HWY_TARGET == HWY_SCALAR
  to[0] = hn::GetLane(a), to[1] = hn::GetLane(b), to[2] = hn::GetLane(c), to[3] = hn::GetLane(d);
#else
  const hn::Repartition<double, Wide> pairs;
  // In each four lanes: two lanes of a, b, a, b and of c, d, c, d; then one of each.
  const V ab = hn::Add(hn::InterleaveLower(wide, a, b), hn::InterleaveUpper(wide, a, b));
  const V cd = hn::Add(hn::InterleaveLower(wide, c, d), hn::InterleaveUpper(wide, c, d));
  const auto ab_pairs = hn::BitCast(pairs, ab), cd_pairs = hn::BitCast(pairs, cd);
  const V all = hn::Add(hn::BitCast(wide, hn::InterleaveLower(pairs, ab_pairs, cd_pairs)),
                        hn::BitCast(wide, hn::InterleaveUpper(pairs, ab_pairs, cd_pairs)));
  const hn::Full128<float> four;
#if HWY_MAX_BYTES >= 64
  const hn::Full256<float> half;
  const auto folded = hn::Add(hn::LowerHalf(half, all), hn::UpperHalf(half, all));
  hn::StoreU(hn::Add(hn::LowerHalf(four, folded), hn::UpperHalf(four, folded)), four, to);
#elif HWY_MAX_BYTES >= 32
  hn::StoreU(hn::Add(hn::LowerHalf(four, all), hn::UpperHalf(four, all)), four, to);
#else
  hn::StoreU(all, four, to);
#endif
#endif
}

// `Rows` rows by `Columns` columns of the narrow panel, up to four: sums [Rows, 4] over the products
// [begin, end) are added to `totals`, of rows wide_lanes apart.
template <class Stored, int Rows, int Columns>
HWY_INLINE void dot_products(std::int64_t in, const float* HWY_RESTRICT x,
                             const Stored* HWY_RESTRICT weight, std::int64_t begin,
                             std::int64_t end, float* totals) {
  const std::int64_t step = narrow_step(in);
  V sum[Rows][4];
  HWY_UNROLL(8)
  for (int i = 0; i < Rows; ++i) {
    HWY_UNROLL(4)
    for (int j = 0; j < 4; ++j) sum[i][j] = hn::Zero(wide);
  }
  const auto add = [&](std::int64_t k, auto load) HWY_ATTR {
    V weights[Columns];
    HWY_UNROLL(4)
    for (int j = 0; j < Columns; ++j) weights[j] = widened(weight + j * step + k);
    HWY_UNROLL(8)
    for (int i = 0; i < Rows; ++i) {
      const V values = load(x + i * in + k);
      HWY_UNROLL(4)
      for (int j = 0; j < Columns; ++j) sum[i][j] = hn::MulAdd(values, weights[j], sum[i][j]);
    }
  };
  std::int64_t k = begin;
  for (; k + wide_lanes <= end; k += wide_lanes) {
    add(k, [](const float* from) HWY_ATTR { return hn::LoadU(wide, from); });
  }
  if (k < end) {
    const std::int64_t left = end - k;
    add(k, [left](const float* from) HWY_ATTR { return load_some(from, left); });
  }
  HWY_UNROLL(8)
  for (int i = 0; i < Rows; ++i) {
    float sums[4];
    sums_of_lanes(sum[i][0], sum[i][1], sum[i][2], sum[i][3], sums);
    for (int j = 0; j < Columns; ++j) totals[i * wide_lanes + j] += sums[j];
  }
}

// `Rows` rows by the narrow panel.
template <class Stored, int Rows>
void narrow_panel(const LinearShape& s, const float* HWY_RESTRICT x,
                  const Stored* HWY_RESTRICT panel, std::int64_t column, std::int64_t columns,
                  const LinearEpilogue& epilogue, float* y) {
  const std::int64_t in = s.in_features, step = narrow_step(in);
  HWY_ALIGN float totals[Rows * wide_lanes] = {};
  for (std::int64_t begin = 0; begin < in; begin += sum_depth * wide_lanes) {
    const std::int64_t end = std::min(begin + sum_depth * wide_lanes, in);
    std::int64_t j = 0;
    if constexpr (wide_lanes >= 4) {  // no more columns than lanes
      for (; j + 4 <= columns; j += 4) {
        dot_products<Stored, Rows, 4>(in, x, panel + j * step, begin, end, totals + j);
      }
      for (; j + 2 <= columns; j += 2) {
        dot_products<Stored, Rows, 2>(in, x, panel + j * step, begin, end, totals + j);
      }
    }
    for (; j < columns; ++j) {
      dot_products<Stored, Rows, 1>(in, x, panel + j * step, begin, end, totals + j);
    }
  }
  for (int i = 0; i < Rows; ++i)
    finish(totals + i * wide_lanes, column, columns, epilogue, y + i * s.out_features);
}

// Few rows take several panels at once, so that enough sums are under way.
constexpr int panels_for(int rows) { return rows == 1 ? 4 : rows <= 3 && most_rows > 6 ? 2 : 1; }

template <class Stored>
struct RowBlocks {
  using Block = void (*)(const LinearShape&, const float* HWY_RESTRICT, const Stored* HWY_RESTRICT,
                         std::int64_t, std::int64_t, const LinearEpilogue&, float*);
  Block together;  // panels_for(rows) panels
  Block one;
  Block narrow;
  int rows, narrow_rows;  // that a call takes
};

// Is there a kernel of so many rows? Half of them are enough for weights of half size: each takes
// seconds to compile.
template <class Stored>
constexpr bool has_height(int rows) {
  return std::is_same_v<Stored, float> || rows <= 4 || rows == 8 || rows == most_rows;
}

// The kernels of the most rows, up to these.
template <class Stored, int Rows = most_rows>
RowBlocks<Stored> blocks_for(std::int64_t rows) {
  if constexpr (!has_height<Stored>(Rows)) {
    return blocks_for<Stored, Rows - 1>(rows);
  } else {
    if constexpr (Rows > 1) {
      if (rows < Rows) return blocks_for<Stored, Rows - 1>(rows);
    }
    // Half as many rows are at once in the narrow panel.
    constexpr int half = (Rows + 1) / 2;
    return {whole_panels<Stored, Rows, panels_for(Rows)>, whole_panels<Stored, Rows, 1>,
            narrow_panel<Stored, half>, Rows, half};
  }
}

// How many of the rows that are left come next: with all heights at hand, as many as let the last
// block have about as many as the others.
template <class Stored>
std::int64_t next_rows(std::int64_t left, std::int64_t most) {
  const std::int64_t blocks = (left + most - 1) / most;
  return std::is_same_v<Stored, float> ? (left + blocks - 1) / blocks : std::min(left, most);
}

// Rows that pass all panels before the next ones do: some blocks, whose values stay in the near
// caches; all rows where the weights are too large for the last cache.
std::int64_t rows_at_once(const LinearShape& s) {
  constexpr std::int64_t cached = 2 * 1024 * 1024;
  return s.in_features * s.out_features <= cached ? 6 * most_rows : INT64_MAX;
}

template <class Stored>
void run(const LinearShape& s, std::int64_t rows, const float* x, const Stored* packed,
         const LinearEpilogue& epilogue, bool skip_zeros, const Part& part, float* y) {
  const std::int64_t in = s.in_features, out = s.out_features, step = panel_step<Stored>(in);
  const Panels panels(out);
  const std::int64_t last = part.end(panels.whole);
  if (rows == 1 && skip_zeros && panels.whole > 0 && in <= longest_sparse_row) {
    NonZeros non_zeros;
    find_non_zeros(x, in, non_zeros);
    std::int64_t p = part.begin(panels.whole);
    for (; p + 4 <= last; p += 4) {
      const std::int64_t column = p * panel_columns;
      sparse_panels<Stored, 4>(s, x, non_zeros, packed + p * step, column,
                               std::min(4 * panel_columns, out - column), epilogue, y);
    }
    for (; p < last; ++p) {
      const std::int64_t column = p * panel_columns;
      sparse_panels<Stored, 1>(s, x, non_zeros, packed + p * step, column,
                               std::min(panel_columns, out - column), epilogue, y);
    }
  } else {
    // Some rows at a time, which stay in the near caches while the panels pass.
    const std::int64_t group = rows_at_once(s);
    for (std::int64_t first = 0; first < rows; first += group) {
      const std::int64_t height = std::min(group, rows - first);
      const int together = height == 1 ? panels_for(1) : height <= 3 ? panels_for(2) : 1;
      for (std::int64_t p = part.begin(panels.whole); p < last;) {
        const std::int64_t count = p + together <= last ? together : 1;
        const std::int64_t column = p * panel_columns;
        const std::int64_t columns = std::min(count * panel_columns, out - column);
        for (std::int64_t row = 0; row < height;) {
          const auto blocks = blocks_for<Stored>(next_rows<Stored>(height - row, most_rows));
          (count > 1 ? blocks.together : blocks.one)(s, x + (first + row) * in, packed + p * step,
                                                     column, columns, epilogue,
                                                     y + (first + row) * out);
          row += blocks.rows;
        }
        p += count;
      }
    }
  }
  if (panels.narrow && part.index + 1 == part.count) {
    const std::int64_t column = out - panels.rest;
    const Stored* const panel = packed + panels.whole * step;
    for (std::int64_t row = 0; row < rows;) {
      const auto blocks = blocks_for<Stored>(2 * next_rows<Stored>(rows - row, most_rows / 2));
      blocks.narrow(s, x + row * in, panel, column, panels.rest, epilogue, y + row * out);
      row += blocks.narrow_rows;
    }
  }
}

template <class Stored>
void pack(const LinearShape& s, const float* weight, Stored* packed) {
  const Panels panels(s.out_features);
  const std::int64_t in = s.in_features;
  for (std::int64_t p = 0; p < panels.whole; ++p) {
    const std::int64_t column = p * panel_columns;
    pack_panel(weight + column * in, in, std::min(panel_columns, s.out_features - column),
               packed + p * panel_step<Stored>(in));
  }
  if (panels.narrow) {
    pack_rows(weight + (s.out_features - panels.rest) * in, in, panels.rest, narrow_step(in),
              packed + panels.whole * panel_step<Stored>(in));
  }
}

template <class Stored>
std::int64_t packed_size(const LinearShape& s) {
  const Panels panels(s.out_features);
  return panels.whole * panel_step<Stored>(s.in_features) +
         (panels.narrow ? panels.rest * narrow_step(s.in_features) : 0);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {

template <class Stored>
std::int64_t linear_packed_size(const LinearShape& shape) {
  return RUSHLIGHT_DISPATCH(packed_size<Stored>)(shape);
}

template <class Stored>
void linear_pack(const LinearShape& shape, const float* weight, Stored* packed) {
  RUSHLIGHT_DISPATCH(pack<Stored>)(shape, weight, packed);
}

template <class Stored>
void linear(const LinearShape& shape, std::int64_t rows, const float* x, const Stored* packed,
            const LinearEpilogue& epilogue, bool skip_zeros, const Part& part, float* y) {
  RUSHLIGHT_DISPATCH(run<Stored>)(shape, rows, x, packed, epilogue, skip_zeros, part, y);
}

// NOLINTBEGIN(bugprone-macro-parentheses): a type takes none
#define RUSHLIGHT_LINEAR_STORED(Stored)                                               \
  template std::int64_t linear_packed_size<Stored>(const LinearShape&);               \
  template void linear_pack(const LinearShape&, const float*, Stored*);               \
  template void linear(const LinearShape&, std::int64_t, const float*, const Stored*, \
                       const LinearEpilogue&, bool, const Part&, float*)
RUSHLIGHT_LINEAR_STORED(float);
RUSHLIGHT_LINEAR_STORED(Float16);
RUSHLIGHT_LINEAR_STORED(BFloat16);
#undef RUSHLIGHT_LINEAR_STORED
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace nn::kernels
#endif
