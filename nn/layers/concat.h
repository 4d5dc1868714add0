#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// Joins its inputs, of one element type, along `dim`, where alone their sizes may differ (torch.cat). Inputs of shape [0]
// are left out, as PyTorch does.
//   [N, 2, H], [N, 3, H] -> [N, 5, H] with dim = 1
//
//   Value joined = net.add("cat", Concat({.dim = 1}), {a, b, c});
class Concat {
 public:
  struct Options {
    std::int64_t dim = 0;
  };

  Concat() : Concat(Options{}) {}
  explicit Concat(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Concat"; }
  // Throws Error: "Sizes of tensors must match except in dimension 0. Expected size 3 but got size
  // 4 for tensor number 1 in the list.", "Tensors must have same number of dimensions: got 2 and
  // 3".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const;
  // "dim=1"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
