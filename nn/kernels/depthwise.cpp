#include <algorithm>

#include <nn/kernels/depthwise.h>

namespace nn::kernels {

void depthwise(const Windows& w, const float* x, const float* weight, float* y) {
  // One row of the output at a time stays in the first cache; the inner loops vectorise.
  for (std::int64_t oh = 0; oh < w.out_h; ++oh, y += w.out_w) {
    std::fill_n(y, w.out_w, 0.0F);
    for (std::int64_t i = 0; i < w.kernel_h; ++i) {
      const std::int64_t h = oh * w.stride_h - w.top + i * w.dilation_h;
      if (h < 0 || h >= w.height) continue;
      const float* row = x + h * w.width;
      for (std::int64_t j = 0; j < w.kernel_w; ++j) {
        const float factor = weight[i * w.kernel_w + j];
        const std::int64_t offset = j * w.dilation_w - w.left;
        const auto [first, last] = inside(0, w.out_w, w.stride_w, offset, w.width);
        if (w.stride_w == 1) {
          for (std::int64_t ow = first; ow < last; ++ow) y[ow] += factor * row[ow + offset];
        } else {
          for (std::int64_t ow = first; ow < last; ++ow) {
            y[ow] += factor * row[ow * w.stride_w + offset];
          }
        }
      }
    }
  }
}

}  // namespace nn::kernels
