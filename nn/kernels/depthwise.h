#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nn/kernels/conv_planes.h>
#include <nn/kernels/conv_shape.h>
#include <nn/kernels/epilogue.h>
#include <nn/kernels/part.h>

namespace nn::kernels {

// A convolution of one input channel for each group, of any stride, dilation, padding and number of
// outputs for each channel. Strips of one channel are laid out so that each tap of neighbouring
// windows meets neighbouring pixels (ConvPlanes); some rows of windows are summed at once. A value;
// threads may run its strips at once.
class Depthwise {
 public:
  static bool serves(const ConvShape& shape) {
    return shape.groups > 1 && shape.groups == shape.in_channels;
  }
  // Nothing where a strip would be too large to count. weight [out, 1, kernel_h, kernel_w].
  // REQUIRES: serves(shape).
  static std::optional<Depthwise> make(const ConvShape& shape, bool max_pool,
                                       std::span<const float> weight);

  std::string name() const { return "depthwise"; }
  // Floats of scratch, aligned to 64 bytes, that one `run` wants.
  std::int64_t scratch() const;
  // In how many parts so many threads best call `run`.
  std::int64_t parts(std::int64_t images, int threads) const;
  // One part of
  //   x [images, in, height, width] -> y [images, out, out_h, out_w]  (or the halves, with max_pool)
  // An element's bits depend on its own pixels and weights alone: they are summed in the order of
  // the weights. REQUIRES: epilogue.max_pool as at `make`.
  void run(std::int64_t images, const float* x, const Epilogue& epilogue, const Part& part,
           float* y, float* scratch) const;

 private:
  Depthwise(const ConvShape& shape, bool max_pool, std::int64_t rows,
            std::span<const float> weight);
  std::int64_t strips() const { return (shape_.windows.out_h + rows_ - 1) / rows_; }
  // One strip of one channel: x its plane, y its first output's plane.
  void run_strip(std::int64_t strip, std::int64_t channel, const float* x, const Epilogue& epilogue,
                 float* y, float* scratch) const;

  ConvShape shape_;
  bool max_pool_;
  std::int64_t rows_;  // of windows in a strip
  ConvPlanes planes_;
  std::vector<std::int32_t> taps_;
  std::vector<float> weight_;
};

// The plain way, tap by tap: the sums y [out_h, out_w] of one plane x [height, width] with one kernel
// weight [kernel_h, kernel_w]. The padding is zeros.
void depthwise_plain(const Windows& windows, const float* x, const float* weight, float* y);

}  // namespace nn::kernels
