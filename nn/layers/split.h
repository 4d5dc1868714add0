#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// Parts of one dimension, one after another (torch.split), of any element type; torch.chunk where
// `sizes` is empty: parts of equal size, the last one smaller.
//   [N, 7] -> [N, 3], [N, 3], [N, 1] with dim = 1 and chunks = 3, or sizes = {3, 3, 1}
class Split {
 public:
  struct Options {
    std::vector<std::int64_t> sizes = {};
    std::int64_t chunks = 0;  // without sizes: how many parts come out
    std::int64_t dim = 0;     // negative ones count from the end
  };

  explicit Split(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Split"; }
  // Throws Error: "split_with_sizes expects split_sizes to sum exactly to 3 (input tensor's size at
  // dimension 1), but got split_sizes=[1, 1]", "split_with_sizes expects split_sizes have only
  // non-negative entries, but got split_sizes=[1, -1, 3]".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  std::size_t output_count() const;
  bool rows_independent(std::span<const TensorSpec> in) const;
  // "3, 3, 1, dim=1" or "chunks=3, dim=1"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
