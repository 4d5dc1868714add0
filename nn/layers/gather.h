#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// y[i, j, k] = x[i, index[i, j, k], k] with dim = 1 (torch.gather, GatherElements of ONNX). Negative
// indices count from the end. Along the other dimensions the indices may be fewer than x has.
//   any [N, 7, 4], int64 [N, 3, 4] -> [N, 3, 4]
class Gather {
 public:
  struct Options {
    std::int64_t dim = 0;
  };

  explicit Gather(const Options& options) : options_(options) {}

  std::string_view kind() const { return "gather"; }
  // Throws Error: "gather(): Expected dtype int64 for index", "Index tensor must have the same number
  // of dimensions as input tensor", "Size does not match at dimension 0 expected index [3, 2] to be
  // no larger than self [2, 2] apart from dimension 1".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  // Throws Error: "index 7 is out of bounds for dimension 1 with size 7".
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const;
  // "dim=1"
  std::string extra_repr() const { return concat("dim=", options_.dim); }

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
