#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// Dimensions of size 1 repeated, new ones in front (torch.Tensor.expand), of any element type.
//   [1, 8] -> [N, 4, 8] with sizes = {N, 4, -1}
// With `rows_of_input` the first size is that of dim 0 of a second input: a constant repeated for each
// row of a batch. Without it a second input does not matter.
//   [1, 8], [N, …] -> [N, 4, 8] with sizes = {1, 4, -1}
class Expand {
 public:
  struct Options {
    std::vector<std::int64_t> sizes;  // -1: as it is
    bool rows_of_input = false;
  };

  explicit Expand(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Expand"; }
  // Throws Error: "The expanded size of the tensor (3) must match the existing size (2) at
  // non-singleton dimension 0.  Target sizes: [3, 3, 4].  Tensor sizes: [2, 3, 4]", "expand(…): the
  // number of sizes provided (2) must be greater or equal to the number of dimensions in the tensor
  // (3)", "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension
  // 0".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const;
  // "-1, 4, 8"
  std::string extra_repr() const;

  const Options& options() const { return options_; }
  // How many of its inputs it reads.
  std::size_t inputs_read() const { return options_.rows_of_input ? 2 : 1; }

 private:
  Options options_;
};

}  // namespace nn
