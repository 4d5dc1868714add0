#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// Two dimensions exchanged (torch.transpose), of any element type.
//   [N, L, C] -> [N, C, L] with dim0 = 1, dim1 = 2
class Transpose {
 public:
  struct Options {
    std::int64_t dim0 = 0;  // negative ones count from the end
    std::int64_t dim1 = 1;
  };

  explicit Transpose(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Transpose"; }
  // Throws Error: "Dimension out of range (expected to be in range of [-3, 2], but got 5)".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const;
  // "1, 2"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
