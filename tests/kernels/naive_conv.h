#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <nn/kernels/conv_shape.h>
#include <nn/kernels/epilogue.h>

// A convolution as its formula says, in double: what the fast kernels are compared with.

inline std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

// One sum of one image; `magnitude` grows by its products' sizes.
inline double sum_at(const nn::kernels::ConvShape& s, const float* x, const float* weight,
                     std::int64_t o, std::int64_t oh, std::int64_t ow, double& magnitude) {
  const nn::kernels::Windows& w = s.windows;
  const std::int64_t in = s.in_channels / s.groups;
  const std::int64_t first = o / (s.out_channels / s.groups) * in;
  double sum = 0;
  for (std::int64_t c = 0; c < in; ++c) {
    for (std::int64_t i = 0; i < w.kernel_h; ++i) {
      for (std::int64_t j = 0; j < w.kernel_w; ++j) {
        const std::int64_t row = oh * w.stride_h + i * w.dilation_h - w.top;
        const std::int64_t column = ow * w.stride_w + j * w.dilation_w - w.left;
        if (row < 0 || row >= w.height || column < 0 || column >= w.width) continue;
        const double product = double{x[((first + c) * w.height + row) * w.width + column]} *
                               double{weight[((o * in + c) * w.kernel_h + i) * w.kernel_w + j]};
        sum += product;
        magnitude += std::fabs(product);
      }
    }
  }
  return sum;
}

struct NaiveConv {
  std::vector<double> y;
  std::vector<float> magnitude;  // Σ|products| of the largest of its sums, with the bias
};

// The whole layer: sums, bias, ReLU, pool.
inline NaiveConv naive_conv(const nn::kernels::ConvShape& s, std::int64_t images, const float* x,
                            const float* weight, const nn::kernels::Epilogue& epilogue) {
  const nn::kernels::Windows& w = s.windows;
  const std::int64_t step = epilogue.max_pool ? 2 : 1;
  NaiveConv result;
  for (std::int64_t n = 0; n < images; ++n, x += s.in_channels * w.height * w.width) {
    for (std::int64_t o = 0; o < s.out_channels; ++o) {
      const double bias = epilogue.bias == nullptr ? 0.0 : double{epilogue.bias[o]};
      for (std::int64_t h = 0; h + step <= w.out_h; h += step) {
        for (std::int64_t v = 0; v + step <= w.out_w; v += step) {
          double largest = -INFINITY, magnitude = 0;
          for (std::int64_t i = 0; i < step; ++i) {
            for (std::int64_t j = 0; j < step; ++j) {
              double size = std::fabs(bias);
              largest = std::max(largest, sum_at(s, x, weight, o, h + i, v + j, size));
              magnitude = std::max(magnitude, size);
            }
          }
          largest += bias;
          result.y.push_back(
              std::clamp<double>(largest, epilogue.clamp.lower, epilogue.clamp.upper));
          result.magnitude.push_back(static_cast<float>(magnitude));
        }
      }
    }
  }
  return result;
}

// [images, channels, pixels] as [images, pixels, channels].
template <class T>
std::vector<T> channels_last(const std::vector<T>& x, std::int64_t channels, std::int64_t pixels) {
  std::vector<T> result;
  const std::int64_t image = channels * pixels;
  for (std::int64_t first = 0; first < std::ssize(x); first += image) {
    for (std::int64_t i = 0; i < image; ++i) {
      result.push_back(x[index(first + i % channels * pixels + i / channels)]);
    }
  }
  return result;
}
