#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// A tensor repeated along each dimension (torch.Tensor.repeat; torch.tile with as many numbers as
// dimensions), of any element type. More repeats than dimensions add some in front.
//   [2, 3] -> [4, 9] with repeats = {2, 3}
class Tile {
 public:
  struct Options {
    std::vector<std::int64_t> repeats;
  };

  explicit Tile(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Tile"; }
  // Throws Error: "Number of dimensions of repeat dims can not be smaller than number of dimensions
  // of tensor", for a negative repeat, and where the result has more than 2^62 elements.
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const;
  // "2, 3"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
