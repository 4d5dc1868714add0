#include <algorithm>

#include <nn/kernels/conv_planes.h>

namespace nn::kernels {

ConvPlanes::Axis::Axis(std::int64_t kernel, std::int64_t stride, std::int64_t dilation) {
  for (std::int64_t tap = 0; tap < kernel; ++tap) {
    const std::int64_t phase = tap * dilation % stride;
    const auto known = std::ranges::find(phases, phase);
    phase_of.push_back(known - phases.begin());
    if (known == phases.end()) phases.push_back(phase);
    shift_of.push_back(tap * dilation / stride);
    reach = std::max(reach, shift_of.back());
  }
}

ConvPlanes::ConvPlanes(const Windows& windows, std::int64_t channels, std::int64_t most_rows)
    : windows_(windows),
      channels_(channels),
      h_(windows.kernel_h, windows.stride_h, windows.dilation_h),
      w_(windows.kernel_w, windows.stride_w, windows.dilation_w),
      rows_(most_rows + h_.reach),
      pitch_(windows.out_w + w_.reach),
      plane_(static_cast<std::int64_t>(h_.phases.size() * w_.phases.size()) * rows_ * pitch_) {}

std::vector<std::int32_t> ConvPlanes::taps() const {
  std::vector<std::int32_t> result;
  const auto phases_w = static_cast<std::int64_t>(w_.phases.size());
  for (std::int64_t c = 0; c < channels_; ++c) {
    for (std::size_t i = 0; i < h_.phase_of.size(); ++i) {
      for (std::size_t j = 0; j < w_.phase_of.size(); ++j) {
        const std::int64_t phase = h_.phase_of[i] * phases_w + w_.phase_of[j];
        const std::int64_t row = phase * rows_ + h_.shift_of[i];
        result.push_back(static_cast<std::int32_t>(c * plane_ + row * pitch_ + w_.shift_of[j]));
      }
    }
  }
  return result;
}

void ConvPlanes::fill(const float* x, std::int64_t first, std::int64_t rows, float* planes) const {
  const Windows& w = windows_;
  const std::int64_t height = rows + h_.reach;
  for (std::int64_t c = 0; c < channels_; ++c, x += w.height * w.width) {
    for (const std::int64_t phase_h : h_.phases) {
      for (const std::int64_t phase_w : w_.phases) {
        const std::int64_t offset = phase_w - w.left;
        const Range pixels = inside(pitch_, w.stride_w, offset, w.width);
        std::int64_t h = first * w.stride_h + phase_h - w.top;
        float* to = planes;
        for (std::int64_t row = 0; row < height; ++row, h += w.stride_h, to += pitch_) {
          if (h < 0 || h >= w.height) {
            std::fill_n(to, pitch_, 0.0F);
            continue;
          }
          const float* const from = x + h * w.width + offset;
          std::fill_n(to, pixels.first, 0.0F);
          if (w.stride_w == 1) {
            for (std::int64_t i = pixels.first; i < pixels.last; ++i) to[i] = from[i];
          } else {
            for (std::int64_t i = pixels.first; i < pixels.last; ++i) to[i] = from[i * w.stride_w];
          }
          std::fill(to + pixels.last, to + pitch_, 0.0F);
        }
        planes += rows_ * pitch_;
      }
    }
  }
}

}  // namespace nn::kernels
