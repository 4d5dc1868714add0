#include <algorithm>
#include <cstring>

#include <nn/kernels/cpu.h>
#include <nn/kernels/depthwise.h>

namespace nn::kernels {
namespace {

// A few rows of the plane with their padding, each split into its phases: phase p holds the columns
// p, p + stride, p + 2 stride, … Then the pixels that one tap of the kernel meets in neighbouring
// windows are neighbours for every stride, and there is no edge.
struct Phases {
  std::int64_t count;                 // phases that a kernel meets
  std::int64_t length;                // columns of one, filled up for whole vectors
  std::int64_t rows;                  // rows of the output at a time
  std::int64_t height;                // rows of the plane that these need
  std::int64_t phase_step, tap_step;  // from one tap of the kernel to the next
};

constexpr std::int64_t widest = 32;              // outputs computed at once
constexpr std::int64_t block_floats = 6 * 1024;  // fits the first cache

Phases phases_of(const Windows& w) {
  const std::int64_t reach = (w.kernel_w - 1) * w.dilation_w;
  Phases result{};
  result.count = std::min(w.stride_w, reach + 1);
  result.length = (w.out_w + widest - 1) / widest * widest + reach / w.stride_w;
  result.phase_step = w.dilation_w % w.stride_w;
  result.tap_step = result.phase_step * result.length + w.dilation_w / w.stride_w;
  const std::int64_t extent = (w.kernel_h - 1) * w.dilation_h + 1;
  const std::int64_t fitting = block_floats / (result.count * result.length) - extent;
  result.rows = std::clamp<std::int64_t>(fitting / w.stride_h + 1, 1, w.out_h);
  result.height = (result.rows - 1) * w.stride_h + extent;
  return result;
}

void fill(const Windows& w, const Phases& phases, const float* x, std::int64_t first_row,
          std::int64_t rows, float* to) {
  for (std::int64_t h = first_row; h < first_row + rows; ++h) {
    const std::int64_t row = h * w.width;
    for (std::int64_t phase = 0; phase < phases.count; ++phase, to += phases.length) {
      if (h < 0 || h >= w.height) {
        std::fill_n(to, phases.length, 0.0F);
        continue;
      }
      const std::int64_t offset = phase - w.left;
      const auto [first, last] = inside(phases.length, w.stride_w, offset, w.width);
      std::fill_n(to, first, 0.0F);
      if (w.stride_w == 1 && first < last) {
        std::copy_n(x + (row + offset + first), last - first, to + first);
      } else {
        for (std::int64_t i = first; i < last; ++i) to[i] = x[row + i * w.stride_w + offset];
      }
      std::fill(to + last, to + phases.length, 0.0F);
    }
  }
}

// `count` outputs of a row, at most Vectors * Width. `taps` is where the first tap of the first of
// them lies in its phase.
template <int Width, int Vectors>
[[gnu::always_inline]] inline void outputs(const Windows& w, const Phases& phases,
                                           const float* taps, const float* weight,
                                           std::int64_t count, float* y) {
  Vector<Width> sum[Vectors] = {};
  for (std::int64_t i = 0; i < w.kernel_h; ++i) {
    std::int64_t tap = i * w.dilation_h * phases.count * phases.length;
    std::int64_t phase = 0;
    for (std::int64_t j = 0; j < w.kernel_w; ++j) {
      const float factor = weight[i * w.kernel_w + j];
      for (int v = 0; v < Vectors; ++v) {
        Vector<Width> pixels;
        std::memcpy(&pixels, taps + tap + v * Width, sizeof pixels);
        sum[v] += factor * pixels;
      }
      // To the next tap, dilation_w columns on: so many phases and so many columns within them.
      phase += phases.phase_step;
      tap += phases.tap_step;
      if (phase >= w.stride_w) {
        phase -= w.stride_w;
        tap -= w.stride_w * phases.length - 1;
      }
    }
  }
  if (count == Vectors * Width) {
    std::memcpy(y, sum, sizeof sum);
  } else {
    std::memcpy(y, sum, static_cast<std::size_t>(count) * sizeof(float));
  }
}

template <int Width>
[[gnu::always_inline]] inline void compute(const Windows& w, const float* x, const float* weight,
                                           float* y, float* scratch) {
  const Phases phases = phases_of(w);
  const std::int64_t row_floats = phases.count * phases.length;
  for (std::int64_t begin = 0; begin < w.out_h; begin += phases.rows) {
    const std::int64_t rows = std::min(phases.rows, w.out_h - begin);
    fill(w, phases, x, begin * w.stride_h - w.top,
         phases.height - (phases.rows - rows) * w.stride_h, scratch);
    for (std::int64_t row = 0; row < rows; ++row, y += w.out_w) {
      const float* taps = scratch + row * w.stride_h * row_floats;
      std::int64_t ow = 0;
      for (; ow + Width < w.out_w; ow += 2 * Width) {
        outputs<Width, 2>(w, phases, taps + ow, weight,
                          std::min<std::int64_t>(2 * Width, w.out_w - ow), y + ow);
      }
      if (ow < w.out_w) {
        outputs<Width, 1>(w, phases, taps + ow, weight, w.out_w - ow, y + ow);
      }
    }
  }
}

#ifdef RUSHLIGHT_X86
[[gnu::target("avx512f,avx2,fma")]] void compute_avx512(const Windows& w, const float* x,
                                                        const float* weight, float* y,
                                                        float* scratch) {
  compute<16>(w, x, weight, y, scratch);
}
[[gnu::target("avx2,fma")]] void compute_avx2(const Windows& w, const float* x, const float* weight,
                                              float* y, float* scratch) {
  compute<8>(w, x, weight, y, scratch);
}
#endif

}  // namespace

void depthwise(const Windows& windows, const float* x, const float* weight, float* y,
               float* scratch) {
  switch (cpu()) {
#ifdef RUSHLIGHT_X86
    case Cpu::avx512:
      return compute_avx512(windows, x, weight, y, scratch);
    case Cpu::avx2:
      return compute_avx2(windows, x, weight, y, scratch);
#endif
    default:
      return compute<4>(windows, x, weight, y, scratch);
  }
}

std::int64_t depthwise_scratch(const Windows& windows) {
  const Phases phases = phases_of(windows);
  return phases.height * phases.count * phases.length;
}

}  // namespace nn::kernels
