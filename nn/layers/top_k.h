#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// The k largest elements along a dimension and where they stand, largest first (torch.topk); the first
// of equal ones first. NaN is larger than everything.
//   float32 or int64 [N, 10] -> the same [N, 3], int64 [N, 3] with k = 3, dim = 1
class TopK {
 public:
  struct Options {
    std::int64_t k;
    std::int64_t dim = -1;
    bool largest = true;  // false: the smallest, smallest first
  };

  explicit TopK(const Options& options) : options_(options) {}

  std::string_view kind() const { return "topk"; }
  std::size_t output_count() const { return 2; }
  // Throws Error: "selected index k out of range".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  std::size_t scratch_bytes(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
               Context& context) const;
  bool rows_independent(std::span<const TensorSpec> in) const;
  // "3, dim=1, largest=True"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
