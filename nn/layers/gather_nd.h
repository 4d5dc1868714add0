#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// Slices of a tensor that tuples of indices name (GatherND of ONNX; x[i, j] with tensors i and j). The
// indices' last dimension holds the tuples; negative indices count from the end.
//   any [4, 5, 6], int64 [3, 2] -> [3, 6]: y[n] = x[indices[n, 0], indices[n, 1]]
// The first `batch_dims` dimensions of both are the same, and each pair of slices is for itself.
class GatherND {
 public:
  struct Options {
    std::int64_t batch_dims = 0;
  };

  GatherND() : GatherND(Options{}) {}
  explicit GatherND(const Options& options) : options_(options) {}

  std::string_view kind() const { return "GatherND"; }
  // Throws Error for indices that are not int64, tuples longer than x has dimensions, other sizes of
  // the batch.
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  // Throws Error: "index 7 is out of bounds for dimension 1 with size 5".
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const;
  // "batch_dims=1"
  std::string extra_repr() const { return concat("batch_dims=", options_.batch_dims); }

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
