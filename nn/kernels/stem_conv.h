#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <nn/kernels/clamp.h>
#include <nn/kernels/conv_planes.h>
#include <nn/kernels/conv_shape.h>
#include <nn/kernels/part.h>
#include <nn/tensor.h>

namespace nn::kernels {

// A convolution that reads images plane by plane and writes them with their channels as neighbours:
// where a network of such images begins. Strips of rows are laid out so that each tap meets
// neighbouring pixels (ConvPlanes). A value; threads may run its strips at once.
class StemConv {
 public:
  // Of one group, few input channels and rows of some vectors of windows.
  static bool serves(const ConvShape& shape);
  // weight [out, in, kernel_h, kernel_w].  REQUIRES: serves(shape).
  StemConv(const ConvShape& shape, std::span<const float> weight);

  // Floats of scratch, aligned to 64 bytes, that one `run` wants.
  std::int64_t scratch() const;
  // In how many parts so many threads best call `run`.
  std::int64_t parts(std::int64_t images, int threads) const;
  // One part of x [images, in, height, width] -> y [images, out_h, out_w, out]; bias [out], or none.
  void run(std::int64_t images, const float* x, const float* bias, Clamp clamp, const Part& part,
           float* y, float* scratch) const;

 private:
  std::int64_t strips() const { return (shape_.windows.out_h + rows_ - 1) / rows_; }

  ConvShape shape_;
  std::int64_t rows_;  // of windows in a strip
  ConvPlanes planes_;
  std::vector<std::int32_t> taps_;
  Tensor packed_;
};

}  // namespace nn::kernels
