#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// y = a + alpha b of two inputs, element by element (torch.add). Shapes are aligned at their last
// dimensions, and a size of 1, or none, is repeated.
//   [2, 1, 4], [3, 1] -> [2, 3, 4]
//
//   Value sum = net.add("sum", Add{}, {x, shortcut});
class Add {
 public:
  struct Options {
    double alpha = 1;
  };

  Add() : Add(Options{}) {}
  explicit Add(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Add"; }
  // Throws Error: "The size of tensor a (3) must match the size of tensor b (4) at non-singleton
  // dimension 1".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const;
  bool in_place() const { return true; }
  // "" or "alpha=2"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
