#pragma once

#include <nn/kernels/linear.h>
#include <nn/tensor.h>

namespace nn::kernels {

// A Linear's weight as its kernel reads it. A value; threads may run one at once.
class PackedLinear {
 public:
  // weight [out, in].  REQUIRES: neither is 0.
  PackedLinear(const LinearShape& shape, std::span<const float> weight);

  // x [rows, in] -> y [rows, out].
  void run(std::int64_t rows, const float* x, const LinearEpilogue& epilogue, float* y) const {
    linear(shape_, rows, x, packed_.f32().data(), epilogue, finite_, y);
  }

 private:
  LinearShape shape_;
  Tensor packed_;
  bool finite_;  // all weights: then zeros of x need not meet them
};

}  // namespace nn::kernels
