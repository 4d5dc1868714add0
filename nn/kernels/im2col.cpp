#include <algorithm>
#include <cstring>

#include <nn/kernels/im2col.h>

namespace nn::kernels {
namespace {

// Rows of windows are often short (8 floats in a small network's last convolution), where a call of
// memcpy costs more than the copy.
void copy(const float* from, std::int64_t count, float* to) {
  for (; count >= 8; count -= 8, from += 8, to += 8) std::memcpy(to, from, 8 * sizeof(float));
  if ((count & 4) != 0) {
    std::memcpy(to, from, 4 * sizeof(float));
    from += 4;
    to += 4;
  }
  if ((count & 2) != 0) {
    std::memcpy(to, from, 2 * sizeof(float));
    from += 2;
    to += 2;
  }
  if ((count & 1) != 0) *to = *from;
}

// Windows [begin, end) of one row of the output: x[start + o * stride] for the windows o in
// `pixels`, 0 for the others.
float* gather(const float* x, std::int64_t start, std::int64_t stride, std::int64_t begin,
              std::int64_t end, Range pixels, float* to) {
  const std::int64_t from = std::clamp(pixels.first, begin, end);
  const std::int64_t until = std::clamp(pixels.last, from, end);
  for (std::int64_t o = begin; o < from; ++o) *to++ = 0;
  if (stride == 1 && from < until) {
    copy(x + (start + from), until - from, to);
    to += until - from;
  } else {
    for (std::int64_t o = from; o < until; ++o) *to++ = x[start + o * stride];
  }
  for (std::int64_t o = until; o < end; ++o) *to++ = 0;
  return to;
}

}  // namespace

// 0 ≤ o * stride + offset < size  ⇔  ceil(-offset / stride) ≤ o < ceil((size - offset) / stride)
Range inside(std::int64_t outputs, std::int64_t stride, std::int64_t offset, std::int64_t size) {
  const auto ceil_divide = [stride](std::int64_t a) {
    if (a <= 0) return std::int64_t{0};
    return stride == 1 ? a : (a - 1) / stride + 1;
  };
  const std::int64_t first = std::min(ceil_divide(-offset), outputs);
  return {first, std::clamp(ceil_divide(size - offset), first, outputs)};
}

void im2col(const Windows& windows, std::int64_t channels, const float* x, std::int64_t begin,
            std::int64_t end, float* to) {
  const Windows& w = windows;
  const std::int64_t first_row = begin / w.out_w;
  const std::int64_t first_column = begin % w.out_w;
  const std::int64_t rows = end == begin ? 0 : (end - 1) / w.out_w + 1 - first_row;
  const std::int64_t last_end = end - (first_row + rows - 1) * w.out_w;
  for (std::int64_t c = 0; c < channels; ++c, x += w.height * w.width) {
    for (std::int64_t i = 0; i < w.kernel_h; ++i) {
      for (std::int64_t j = 0; j < w.kernel_w; ++j) {
        const std::int64_t offset = j * w.dilation_w - w.left;
        const Range inside_row = inside(w.out_w, w.stride_w, offset, w.width);
        std::int64_t h = first_row * w.stride_h - w.top + i * w.dilation_h;
        for (std::int64_t row = 0; row < rows; ++row, h += w.stride_h) {
          // The first and the last row of the output may be cut.
          const std::int64_t row_begin = row == 0 ? first_column : 0;
          const std::int64_t row_end = row == rows - 1 ? last_end : w.out_w;
          const Range pixels = h >= 0 && h < w.height ? inside_row : Range{0, 0};
          to = gather(x, h * w.width + offset, w.stride_w, row_begin, row_end, pixels, to);
        }
      }
    }
  }
}

}  // namespace nn::kernels
