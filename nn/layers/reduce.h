#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// One number for all elements along some dimensions (torch.sum, mean, amax, amin, prod).
//   float32 or int64 [N, 8, 7, 7] -> [N, 8] with dims = {2, 3}, or [N, 8, 1, 1] with keepdim
// Sums of float32 are kept in double and rounded once; a NaN gives NaN.
class Reduce {
 public:
  enum class Op : std::uint8_t { sum, mean, amax, amin, prod };
  struct Options {
    Op op = Op::sum;
    std::vector<std::int64_t> dims = {};  // negative ones count from the end; {}: all
    bool keepdim = false;
  };

  explicit Reduce(const Options& options) : options_(options) {}

  // "sum": the function's name in PyTorch.
  std::string_view kind() const;
  // Throws Error: "dim 0 appears multiple times in the list of dims", "amax(): Expected reduction dim
  // 0 to have non-zero size.", "mean(): could not infer output dtype. Input dtype must be either a
  // floating point or complex dtype. Got: int64".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const;
  // "dim=2, 3, keepdim=True"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
