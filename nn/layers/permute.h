#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// Dimensions in another order: dimension i of the output is dimension dims[i] of the input
// (torch.permute), of any element type.
//   [N, C, H, W] -> [N, H, W, C] with dims = {0, 2, 3, 1}
class Permute {
 public:
  struct Options {
    std::vector<std::int64_t> dims;  // negative ones count from the end
  };

  explicit Permute(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Permute"; }
  // Throws Error: "permute(sparse_coo): number of dimensions in the tensor input does not match the
  // length of the desired ordering of dimensions i.e. input.dim() = 3 is not equal to len(dims) =
  // 2", "permute(): duplicate dims are not allowed.".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const;
  // "0, 2, 3, 1"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
