#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/depthwise.cpp"
#include <algorithm>
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <nn/kernels/depthwise.h>
#include <nn/kernels/simd_inl.h>

#ifndef RUSHLIGHT_DEPTHWISE_STRIP
#define RUSHLIGHT_DEPTHWISE_STRIP
namespace nn::kernels {

// The sums of a strip: y[h, v] = act(bias + Σ_k weight[k] · source[taps[k] + h * pitch + v]).
struct DepthwiseStrip {
  const float* source;  // a vector behind its last pixel may be read
  const std::int32_t* taps;
  std::int64_t depth;  // taps
  int kernel, stride;  // of a square kernel of neighbouring rows that has its own code, or 0
  std::int64_t pitch;
  const float* weight;
  float bias;
  Clamp clamp;
  std::int64_t rows, width;
  float* y;
  std::int64_t y_pitch;  // at least the width
};

}  // namespace nn::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

// Rows of windows are summed at once, so that a row of pixels is loaded once for all that meet it:
// as many as there are registers for, seven where images often have a multiple of seven rows.
constexpr bool many_registers = HWY_MAX_BYTES >= 64 || HWY_ARCH_ARM_A64;

// A kernel of Kernel × Kernel taps whose rows are neighbours in the image, in registers.
template <class D, int Kernel, int Stride>
struct Square {
  using V = hn::Vec<D>;
  static constexpr int most_rows = Kernel == 3 && many_registers ? 7 : 4;

  explicit Square(const DepthwiseStrip& s) : pitch(s.pitch) {
    HWY_UNROLL(25)
    for (int k = 0; k < Kernel * Kernel; ++k) weight[k] = hn::Set(D(), s.weight[k]);
    HWY_UNROLL(5)
    for (int j = 0; j < Kernel; ++j) columns[j] = s.source + s.taps[j];
    // Rows of pixels take turns in the phases.
    phase = Stride == 1 ? 0 : s.taps[Kernel] - s.taps[0];
  }

  // sum[r] = the windows of row r from `at` on.
  template <int Rows>
  HWY_INLINE void operator()(std::int64_t at, V* HWY_RESTRICT sum) const {
    HWY_UNROLL(7)
    for (int r = 0; r < Rows; ++r) sum[r] = hn::Zero(D());
    HWY_UNROLL(15)
    for (int row = 0; row < Stride * (Rows - 1) + Kernel; ++row) {
      const std::int64_t from = at + row % Stride * phase + row / Stride * pitch;
      HWY_UNROLL(5)
      for (int j = 0; j < Kernel; ++j) {
        const V pixels = in_register(hn::LoadU(D(), columns[j] + from));
        HWY_UNROLL(7)
        for (int r = 0; r < Rows; ++r) {
          const int i = row - Stride * r;
          if (i >= 0 && i < Kernel) {
            sum[r] = hn::MulAdd(weight[i * Kernel + j], pixels, sum[r]);
          }
        }
      }
    }
  }

  V weight[Kernel * Kernel];
  const float* columns[Kernel];
  std::int64_t pitch, phase;
};

// Any taps.
template <class D>
struct Taps {
  using V = hn::Vec<D>;
  static constexpr int most_rows = 4;

  explicit Taps(const DepthwiseStrip& strip) : s(strip) {}

  template <int Rows>
  HWY_INLINE void operator()(std::int64_t at, V* HWY_RESTRICT sum) const {
    HWY_UNROLL(7)
    for (int r = 0; r < Rows; ++r) sum[r] = hn::Zero(D());
    for (std::int64_t k = 0; k < s.depth; ++k) {
      const V weight = hn::Set(D(), s.weight[k]);
      const float* const from = s.source + s.taps[k] + at;
      HWY_UNROLL(7)
      for (int r = 0; r < Rows; ++r) {
        sum[r] = hn::MulAdd(weight, hn::LoadU(D(), from + r * s.pitch), sum[r]);
      }
    }
  }

  const DepthwiseStrip& s;
};

template <class D>
HWY_INLINE hn::Vec<D> finished(const DepthwiseStrip& s, hn::Vec<D> sum) {
  const auto y = hn::Add(sum, hn::Set(D(), s.bias));
  return clamped(D(), y, s.clamp);
}

// Rows of windows [row, row + Rows). A row's last vector takes windows before it once more, where
// the row is at least a vector long; else it is stored over the beginning of the next row, which is
// stored later, and what reaches beyond the strip is left out.
template <int Rows, class D, class Sums>
HWY_INLINE void block(const DepthwiseStrip& s, const Sums& sums, std::int64_t row) {
  constexpr D d;
  constexpr auto lanes = static_cast<std::int64_t>(hn::MaxLanes(d));
  hn::Vec<D> sum[Rows];
  if (s.width >= lanes) {
    for (std::int64_t v = 0; v < s.width; v += lanes) {
      v = std::min(v, s.width - lanes);
      sums.template operator()<Rows>(row * s.pitch + v, sum);
      HWY_UNROLL(7)
      for (int r = 0; r < Rows; ++r) {
        hn::StoreU(finished<D>(s, sum[r]), d, s.y + (row + r) * s.y_pitch + v);
      }
    }
    return;
  }
  sums.template operator()<Rows>(row * s.pitch, sum);
  const std::int64_t end = (s.rows - 1) * s.y_pitch + s.width;
  HWY_UNROLL(7)
  for (int r = 0; r < Rows; ++r) {
    const std::int64_t at = (row + r) * s.y_pitch;
    if (at + lanes <= end) {
      hn::StoreU(finished<D>(s, sum[r]), d, s.y + at);
    } else {
      HWY_ALIGN float last[lanes];
      hn::Store(finished<D>(s, sum[r]), d, last);
      for (std::int64_t v = 0; v < s.width; ++v) s.y[at + v] = last[v];
    }
  }
}

// The last block takes rows before it once more.
template <class D, class Sums>
void strip(const DepthwiseStrip& s) {
  const Sums sums(s);
  constexpr std::int64_t most = Sums::most_rows;
  std::int64_t row = 0;
  for (; row + most <= s.rows; row += most) block<most, D>(s, sums, row);
  if (row < s.rows && s.rows >= most) return block<most, D>(s, sums, s.rows - most);
  for (; row < s.rows; ++row) block<1, D>(s, sums, row);
}

// The usual kernels have their own code on usual widths: each costs seconds to compile.
void run(const DepthwiseStrip& s) {
  using Four = hn::CappedTag<float, 4>;
  if (s.width <= 4) return strip<Four, Taps<Four>>(s);
  if (s.width <= eight_lanes) return strip<Eight, Taps<Eight>>(s);
  if (s.kernel == 3 && s.stride == 1) return strip<Wide, Square<Wide, 3, 1>>(s);
  if (s.kernel == 3) return strip<Wide, Square<Wide, 3, 2>>(s);
  if (s.kernel == 5 && s.stride == 1) return strip<Wide, Square<Wide, 5, 1>>(s);
  strip<Wide, Taps<Wide>>(s);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {
namespace {

constexpr std::int64_t block_floats = 6 * 1024;  // of a strip: fits the first cache
constexpr double largest_strip = 1 << 30;        // taps are counted in 32 bits
constexpr std::int64_t lanes = 16;

std::int64_t padded(std::int64_t floats) { return (floats + lanes - 1) / lanes * lanes; }

// Rows of windows in a strip: all, or an even number.
std::int64_t rows_of(const Windows& w) {
  const std::int64_t one = ConvPlanes(w, 1, 1).size();
  const std::int64_t row = ConvPlanes(w, 1, 2).size() - one;
  const std::int64_t most = std::max<std::int64_t>((block_floats - one) / row + 1, 2);
  return std::min(most / 2 * 2, w.out_h);
}

}  // namespace

std::optional<Depthwise> Depthwise::make(const ConvShape& shape, bool max_pool,
                                         std::span<const float> weight) {
  const Windows& w = shape.windows;
  const double rows =
      static_cast<double>(w.stride_h) * static_cast<double>(w.kernel_h * w.dilation_h + 2);
  const double columns =
      static_cast<double>(w.stride_w) * static_cast<double>(w.out_w + w.kernel_w * w.dilation_w);
  if (rows * columns > largest_strip) return std::nullopt;
  return Depthwise(shape, max_pool, rows_of(w), weight);
}

Depthwise::Depthwise(const ConvShape& shape, bool max_pool, std::int64_t rows,
                     std::span<const float> weight)
    : shape_(shape),
      max_pool_(max_pool),
      rows_(rows),
      planes_(shape.windows, 1, rows),
      taps_(planes_.taps()),
      weight_(weight.begin(), weight.end()) {}

std::int64_t Depthwise::scratch() const {
  const std::int64_t sums = max_pool_ ? rows_ * padded(shape_.windows.out_w) : 0;
  return padded(planes_.size() + ConvPlanes::slack) + sums;
}

std::int64_t Depthwise::parts(std::int64_t images, int threads) const {
  const Windows& w = shape_.windows;
  const auto out = static_cast<double>(shape_.out_channels * w.out_h * w.out_w);
  const auto in = static_cast<double>(shape_.in_channels * strips() * planes_.size());
  const double cost = out * static_cast<double>(taps_.size() + 4) + 4 * in;
  return std::min(parts_worth(static_cast<double>(images) * cost, threads),
                  std::max<std::int64_t>(images * shape_.in_channels * strips(), 1));
}

void Depthwise::run(std::int64_t images, const float* x, const Epilogue& epilogue, const Part& part,
                    float* y, float* scratch) const {
  const Windows& w = shape_.windows;
  const std::int64_t multiplier = shape_.out_channels / shape_.groups;
  const std::int64_t y_plane = max_pool_ ? (w.out_h / 2) * (w.out_w / 2) : w.out_h * w.out_w;
  const std::int64_t count = images * shape_.in_channels * strips();
  planes_.pad(scratch);
  for (std::int64_t i = part.begin(count); i < part.end(count); ++i) {
    const std::int64_t plane = i / strips();
    run_strip(i % strips(), plane % shape_.in_channels, x + plane * w.height * w.width, epilogue,
              y + plane * multiplier * y_plane, scratch);
  }
}

void Depthwise::run_strip(std::int64_t strip, std::int64_t channel, const float* x,
                          const Epilogue& epilogue, float* y, float* scratch) const {
  const Windows& w = shape_.windows;
  const std::int64_t multiplier = shape_.out_channels / shape_.groups;
  const std::int64_t first = strip * rows_;
  const auto depth = static_cast<std::int64_t>(taps_.size());
  const bool square = w.kernel_h == w.kernel_w && (w.kernel_h == 3 || w.kernel_h == 5) &&
                      w.stride_h <= 2 && w.dilation_h == 1;
  DepthwiseStrip s{.source = scratch,
                   .taps = taps_.data(),
                   .depth = depth,
                   .kernel = square ? static_cast<int>(w.kernel_h) : 0,
                   .stride = square ? static_cast<int>(w.stride_h) : 0,
                   .pitch = planes_.pitch(),
                   .weight = nullptr,
                   .bias = 0.0F,
                   .clamp = max_pool_ ? Clamp{} : epilogue.clamp,
                   .rows = std::min(rows_, w.out_h - first),
                   .width = w.out_w,
                   .y = scratch + padded(planes_.size() + ConvPlanes::slack),
                   .y_pitch = max_pool_ ? padded(w.out_w) : w.out_w};
  planes_.fill(x, first, s.rows, scratch);
  for (std::int64_t o = channel * multiplier; o < (channel + 1) * multiplier; ++o) {
    s.weight = weight_.data() + o * depth;
    const float bias = epilogue.bias == nullptr ? 0.0F : epilogue.bias[o];
    if (max_pool_) {
      const std::int64_t pooled = w.out_w / 2;
      RUSHLIGHT_DISPATCH(run)(s);
      finish_plane(s.y, s.y_pitch, s.rows, w.out_w, bias, epilogue.clamp, true,
                   y + first / 2 * pooled);
      y += w.out_h / 2 * pooled;
    } else {
      s.bias = bias + 0.0F;  // never -0
      s.y = y + first * w.out_w;
      RUSHLIGHT_DISPATCH(run)(s);
      y += w.out_h * w.out_w;
    }
  }
}

void depthwise_plain(const Windows& windows, const float* x, const float* weight, float* y) {
  const Windows& w = windows;
  std::fill_n(y, w.out_h * w.out_w, 0.0F);
  for (std::int64_t i = 0; i < w.kernel_h; ++i) {
    const Range rows = inside(w.out_h, w.stride_h, i * w.dilation_h - w.top, w.height);
    for (std::int64_t j = 0; j < w.kernel_w; ++j, ++weight) {
      const std::int64_t offset = j * w.dilation_w - w.left;
      const Range columns = inside(w.out_w, w.stride_w, offset, w.width);
      const float padding = *weight * 0.0F;  // NaN with a weight that is not finite
      for (std::int64_t row = 0; row < w.out_h; ++row) {
        float* const to = y + row * w.out_w;
        const bool padded = row < rows.first || row >= rows.last;
        const Range met = padded ? Range{0, 0} : columns;
        const float* const from =
            x + (row * w.stride_h + i * w.dilation_h - w.top) * w.width + offset;
        for (std::int64_t v = 0; v < met.first; ++v) to[v] += padding;
        for (std::int64_t v = met.first; v < met.last; ++v) to[v] += *weight * from[v * w.stride_w];
        for (std::int64_t v = met.last; v < w.out_w; ++v) to[v] += padding;
      }
    }
  }
}

}  // namespace nn::kernels
#endif
