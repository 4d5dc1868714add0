#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// Pooling of any number of dimensions with its own padding before and behind each, as graph files have
// it: MaxPool, AveragePool and LpPool of ONNX. MaxPool2d and AvgPool2d are faster where they do.
//   [N, C, *in] -> [N, C, *out]
//   out = (in + before + behind − dilation·(kernel − 1) − 1) / stride + 1
//
// rounded down, or with ceil_mode up, but then without a last window that would start behind the input.
// max: padding is -inf and NaN is larger than everything, of float32 or int64. average: the mean of the
// window's cells in the input or, with count_include_pad, of those in the padding too, which are 0.
// lp: (Σ |x|^p)^(1/p). Sums are in double.
class Pool {
 public:
  enum class Op : std::uint8_t { max, average, lp };
  struct Options {
    Op op = Op::max;
    std::vector<std::int64_t> kernel_size = {};
    std::vector<std::int64_t> stride = {};  // these as many as kernel_size
    std::vector<std::int64_t> before = {};
    std::vector<std::int64_t> behind = {};
    std::vector<std::int64_t> dilation = {};
    bool ceil_mode = false;
    bool count_include_pad = false;
    double p = 2;
  };

  // Throws Error unless there are as many of each, kernel_size, stride and dilation positive and
  // padding not negative.
  explicit Pool(const Options& options);

  // "max_pool": the function's name in PyTorch, without its number of dimensions.
  std::string_view kind() const;
  // Throws Error: "kernel_size 4 with dilation 1 does not fit dimension 2 of the padded input [1, 1,
  // 3]", or when the input has another rank.
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec>) const { return true; }
  // "kernel_size=(3), stride=(2), padding=(1), dilation=(1)"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
