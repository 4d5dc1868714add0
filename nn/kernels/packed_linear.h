#pragma once

#include <string>

#include <nn/kernels/linear.h>
#include <nn/tensor.h>

namespace nn::kernels {

// A Linear's weight as its kernel reads it. A value; threads may run one at once.
class PackedLinear {
 public:
  // weight [out, in], stored as float32, float16 or bfloat16: as float32 all the same where a finite
  // one would become infinite.  REQUIRES: neither is 0.
  PackedLinear(const LinearShape& shape, std::span<const float> weight, DType stored);

  // "packed", "packed in float16"
  std::string name() const;
  // In how many parts so many threads best call `run`.
  std::int64_t parts(std::int64_t rows, int threads) const;
  // x [rows, in] -> y [rows, out], of that one part of the columns.
  void run(std::int64_t rows, const float* x, const LinearEpilogue& epilogue, const Part& part,
           float* y) const;

 private:
  LinearShape shape_;
  Tensor packed_;
  bool finite_;  // all weights: then zeros of x need not meet them
};

}  // namespace nn::kernels
