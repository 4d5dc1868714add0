#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// The elements that indices name along one dimension, which the indices' dimensions replace
// (torch.index_select, Gather of ONNX; torch.nn.functional.embedding with dim 0). Negative indices
// count from the end.
//   any [A, 7, B], int64 or int32 [I, J] -> [A, I, J, B] with dim = 1
class Take {
 public:
  struct Options {
    std::int64_t dim = 0;
  };

  Take() : Take(Options{}) {}
  explicit Take(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Take"; }
  // Throws Error: "expected indices of int64 or int32, got float32".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  // Throws Error: "index out of range in self: 7, expected -7 to 6".
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const;
  // "dim=1"
  std::string extra_repr() const { return concat("dim=", options_.dim); }

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
