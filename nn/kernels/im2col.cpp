#include <algorithm>

#include <nn/kernels/im2col.h>

namespace nn::kernels {
namespace {

// One row of windows' row of pixels: to[ow - begin] = row[ow * stride + offset] or 0.
void gather(const float* row, std::int64_t width, std::int64_t stride, std::int64_t offset,
            std::int64_t begin, std::int64_t end, float* to) {
  const auto [first, last] = inside(begin, end, stride, offset, width);
  std::fill_n(to, first - begin, 0.0F);
  if (stride == 1) {
    std::copy_n(row + first + offset, last - first, to + (first - begin));
  } else {
    for (std::int64_t ow = first; ow < last; ++ow) to[ow - begin] = row[ow * stride + offset];
  }
  std::fill_n(to + (last - begin), end - last, 0.0F);
}

}  // namespace

// 0 ≤ o * stride + offset < size  ⇔  ceil(-offset / stride) ≤ o < ceil((size - offset) / stride)
Range inside(std::int64_t begin, std::int64_t end, std::int64_t stride, std::int64_t offset,
             std::int64_t size) {
  const auto ceil_divide = [stride](std::int64_t a) { return a <= 0 ? 0 : (a - 1) / stride + 1; };
  const std::int64_t first = std::clamp(ceil_divide(-offset), begin, end);
  return {first, std::clamp(ceil_divide(size - offset), first, end)};
}

void im2col(const Windows& windows, std::int64_t channels, const float* x, std::int64_t begin,
            std::int64_t end, float* to) {
  const Windows& w = windows;
  for (std::int64_t c = 0; c < channels; ++c, x += w.height * w.width) {
    for (std::int64_t i = 0; i < w.kernel_h; ++i) {
      for (std::int64_t j = 0; j < w.kernel_w; ++j) {
        // The columns lie in rows of the output; the first and the last may be cut.
        for (std::int64_t column = begin; column < end;) {
          const std::int64_t oh = column / w.out_w;
          const std::int64_t ow = column % w.out_w;
          const std::int64_t count = std::min(w.out_w - ow, end - column);
          const std::int64_t h = oh * w.stride_h - w.top + i * w.dilation_h;
          if (h < 0 || h >= w.height) {
            std::fill_n(to, count, 0.0F);
          } else {
            gather(x + h * w.width, w.width, w.stride_w, j * w.dilation_w - w.left, ow, ow + count,
                   to);
          }
          column += count;
          to += count;
        }
      }
    }
  }
}

}  // namespace nn::kernels
