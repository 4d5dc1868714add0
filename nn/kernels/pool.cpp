#include <algorithm>
#include <array>
#include <limits>

#include <nn/kernels/mean.h>
#include <nn/kernels/pool.h>
#include <nn/kernels/pool2x2.h>
#include <nn/kernels/pool_rows.h>

namespace nn::kernels {
namespace {

// Windows [begin, end) whose cell number k lies inside the input, and the input cell of the first.
struct Reach {
  std::int64_t begin, end, cell;
};

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return a <= 0 ? 0 : (a - 1) / b + 1; }

Reach reach_of(const PoolAxis& axis, std::int64_t k) {
  const std::int64_t offset = k * axis.dilation - axis.padding;  // cell = window * stride + offset
  const std::int64_t begin = std::min(ceil_div(-offset, axis.stride), axis.out);
  const std::int64_t end = std::clamp(ceil_div(axis.in - offset, axis.stride), begin, axis.out);
  return {begin, end, begin * axis.stride + offset};
}

bool beats(float value, float best) { return (value > best) | (value != value); }

// best[i] = value i of x, `stride` apart, where it beats best[i].
void keep_larger(const float* x, std::int64_t stride, float* best, std::int64_t count) {
  if (stride == 1) {
    for (std::int64_t i = 0; i < count; ++i) best[i] = beats(x[i], best[i]) ? x[i] : best[i];
  } else if (stride == 2) {
    for (std::int64_t i = 0; i < count; ++i)
      best[i] = beats(x[2 * i], best[i]) ? x[2 * i] : best[i];
  } else {
    for (std::int64_t i = 0; i < count; ++i)
      best[i] = beats(x[i * stride], best[i]) ? x[i * stride] : best[i];
  }
}

// The cells [begin, end) of the kernel that lie inside the input for some of the windows [first,
// last]: all that need a look, however large the kernel.
struct Range {
  std::int64_t begin, end;
};

Range kernel_cells(const PoolAxis& axis, std::int64_t first, std::int64_t last) {
  return {
      ceil_div(axis.padding - last * axis.stride, axis.dilation),
      std::min(axis.kernel, ceil_div(axis.in + axis.padding - first * axis.stride, axis.dilation))};
}

// Calls f(input row) for each row of the input that window `oh` covers.
template <class F>
void for_each_window_row(const PoolAxis& axis, std::int64_t oh, F f) {
  const Range cells = kernel_cells(axis, oh, oh);
  for (std::int64_t k = cells.begin; k < cells.end; ++k) {
    f(oh * axis.stride - axis.padding + k * axis.dilation);
  }
}

// The first cell at or after the window's start that is not in the padding.
std::int64_t first_cell(const PoolAxis& axis, std::int64_t window) {
  const std::int64_t start = window * axis.stride - axis.padding;
  return start + ceil_div(-start, axis.dilation) * axis.dilation;
}

// The cells [begin, end) of the input under a window without dilation, and `size`, how many it has
// within the padded input.
struct Span {
  std::int64_t begin, end, size;
};

Span span_of(const PoolAxis& axis, std::int64_t window) {
  const std::int64_t start = window * axis.stride - axis.padding;
  const std::int64_t stop = std::min(start + axis.kernel, axis.in + axis.padding);
  return {std::max<std::int64_t>(start, 0), std::min(stop, axis.in), stop - start};
}

// Σ x[0 … count) in double, in eight lanes.
double sum_of(const float* x, std::int64_t count) {
  constexpr std::int64_t lanes = 8;
  std::array<double, lanes> sums{};
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      sums[static_cast<std::size_t>(lane)] += static_cast<double>(x[i + lane]);
    }
  }
  double sum = 0;
  for (const double lane : sums) sum += lane;
  for (; i < count; ++i) sum += static_cast<double>(x[i]);
  return sum;
}

double sum_of(const float* x, std::int64_t row, Span h, Span w) {
  double sum = 0;
  for (std::int64_t ih = h.begin; ih < h.end; ++ih) {
    sum += sum_of(x + ih * row + w.begin, w.end - w.begin);
  }
  return sum;
}

std::int64_t planes_of(const PoolPlane& plane, std::size_t outputs) {
  const std::int64_t out = plane.h.out * plane.w.out;
  return out == 0 ? 0 : static_cast<std::int64_t>(outputs) / out;
}

// Calls f(input plane, output plane's offset) for each plane.
template <class F>
void for_each_plane(const PoolPlane& plane, std::span<const float> x, std::size_t outputs, F f) {
  const std::int64_t in = plane.h.in * plane.w.in;
  const std::int64_t out = plane.h.out * plane.w.out;
  const std::int64_t planes = planes_of(plane, outputs);
  for (std::int64_t i = 0; i < planes; ++i) f(x.data() + i * in, i * out);
}

// Cells [⌊o·in/out⌋, ⌈(o+1)·in/out⌉).
Span adaptive_cells(const PoolAxis& axis, std::int64_t window) {
  // ⌊a·in/out⌋ without a product that could overflow: a = window < out.
  const auto at = [&](std::int64_t a) {
    return a / axis.out * axis.in + a % axis.out * (axis.in / axis.out) +
           a % axis.out * (axis.in % axis.out) / axis.out;
  };
  const std::int64_t end_part = (window + 1) % axis.out * (axis.in % axis.out) % axis.out;
  return {at(window), at(window + 1) + (end_part != 0 ? 1 : 0), 0};
}

// Windows of two cells, side by side and inside the input.
bool in_twos(const PoolAxis& axis) {
  return axis.kernel == 2 && axis.stride == 2 && axis.padding == 0 && axis.dilation == 1 &&
         axis.out == axis.in / 2;
}

}  // namespace

void max_pool2d(const PoolPlane& plane, std::span<const float> x, std::span<float> y) {
  const PoolAxis& h = plane.h;
  const PoolAxis& w = plane.w;
  if (in_twos(h) && in_twos(w)) {
    return max_pool_2x2(planes_of(plane, y.size()), h.in, w.in, x.data(), y.data());
  }
  if (max_pool_rows_serves(plane)) {
    return max_pool_rows(plane, planes_of(plane, y.size()), x.data(), y.data());
  }
  const Range columns = kernel_cells(w, 0, w.out - 1);
  for_each_plane(plane, x, y.size(), [&](const float* from, std::int64_t offset) {
    float* best = y.data() + offset;
    for (std::int64_t oh = 0; oh < h.out; ++oh, best += w.out) {
      std::fill_n(best, w.out, -std::numeric_limits<float>::infinity());
      for_each_window_row(h, oh, [&](std::int64_t ih) {
        const float* row = from + ih * w.in;
        for (std::int64_t k = columns.begin; k < columns.end; ++k) {
          const Reach reach = reach_of(w, k);
          keep_larger(row + reach.cell, w.stride, best + reach.begin, reach.end - reach.begin);
        }
      });
    }
  });
}

void max_pool2d_with_indices(const PoolPlane& plane, std::span<const float> x, std::span<float> y,
                             std::span<std::int64_t> indices) {
  const PoolAxis& h = plane.h;
  const PoolAxis& w = plane.w;
  const Range columns = kernel_cells(w, 0, w.out - 1);
  for_each_plane(plane, x, y.size(), [&](const float* from, std::int64_t offset) {
    float* best = y.data() + offset;
    std::int64_t* place = indices.data() + offset;
    for (std::int64_t oh = 0; oh < h.out; ++oh, best += w.out, place += w.out) {
      for (std::int64_t ow = 0; ow < w.out; ++ow) {
        best[ow] = -std::numeric_limits<float>::infinity();
        place[ow] = first_cell(h, oh) * w.in + first_cell(w, ow);
      }
      for_each_window_row(h, oh, [&](std::int64_t ih) {
        for (std::int64_t k = columns.begin; k < columns.end; ++k) {
          const Reach reach = reach_of(w, k);
          std::int64_t cell = ih * w.in + reach.cell;
          for (std::int64_t ow = reach.begin; ow < reach.end; ++ow, cell += w.stride) {
            if (!beats(from[cell], best[ow])) continue;
            best[ow] = from[cell];
            place[ow] = cell;
          }
        }
      });
    }
  });
}

void avg_pool2d(const PoolPlane& plane, const AverageOptions& options, std::span<const float> x,
                std::span<float> y) {
  const PoolAxis& h = plane.h;
  const PoolAxis& w = plane.w;
  if (in_twos(h) && in_twos(w) && !options.divisor_override) {
    return avg_pool_2x2(planes_of(plane, y.size()), h.in, w.in, x.data(), y.data());
  }
  for_each_plane(plane, x, y.size(), [&](const float* from, std::int64_t offset) {
    float* to = y.data() + offset;
    for (std::int64_t oh = 0; oh < h.out; ++oh) {
      const Span rows = span_of(h, oh);
      for (std::int64_t ow = 0; ow < w.out; ++ow) {
        const Span columns = span_of(w, ow);
        std::int64_t cells = (rows.end - rows.begin) * (columns.end - columns.begin);
        const bool outside = rows.begin >= rows.end || columns.begin >= columns.end;
        if (options.count_include_pad) cells = rows.size * columns.size;
        if (options.divisor_override) cells = *options.divisor_override;
        *to++ = outside ? 0
                        : static_cast<float>(sum_of(from, w.in, rows, columns) /
                                             static_cast<double>(cells));
      }
    }
  });
}

void adaptive_avg_pool2d(const PoolPlane& plane, std::span<const float> x, std::span<float> y) {
  const PoolAxis& h = plane.h;
  const PoolAxis& w = plane.w;
  if (h.out == 1 && w.out == 1) {
    return row_means(planes_of(plane, y.size()), h.in * w.in, x.data(), y.data());
  }
  for_each_plane(plane, x, y.size(), [&](const float* from, std::int64_t offset) {
    float* to = y.data() + offset;
    for (std::int64_t oh = 0; oh < h.out; ++oh) {
      const Span rows = adaptive_cells(h, oh);
      for (std::int64_t ow = 0; ow < w.out; ++ow) {
        const Span columns = adaptive_cells(w, ow);
        const std::int64_t count = (rows.end - rows.begin) * (columns.end - columns.begin);
        *to++ = static_cast<float>(sum_of(from, w.in, rows, columns) / static_cast<double>(count));
      }
    }
  });
}

void adaptive_max_pool2d(const PoolPlane& plane, std::span<const float> x, std::span<float> y,
                         std::span<std::int64_t> indices) {
  for_each_plane(plane, x, y.size(), [&](const float* from, std::int64_t offset) {
    for (std::int64_t oh = 0; oh < plane.h.out; ++oh) {
      const Span rows = adaptive_cells(plane.h, oh);
      for (std::int64_t ow = 0; ow < plane.w.out; ++ow, ++offset) {
        const Span columns = adaptive_cells(plane.w, ow);
        std::int64_t place = rows.begin * plane.w.in + columns.begin;
        float best = -std::numeric_limits<float>::infinity();
        for (std::int64_t ih = rows.begin; ih < rows.end; ++ih) {
          for (std::int64_t iw = columns.begin; iw < columns.end; ++iw) {
            const std::int64_t cell = ih * plane.w.in + iw;
            if (!beats(from[cell], best)) continue;
            best = from[cell];
            place = cell;
          }
        }
        y[static_cast<std::size_t>(offset)] = best;
        if (!indices.empty()) indices[static_cast<std::size_t>(offset)] = place;
      }
    }
  });
}

}  // namespace nn::kernels
