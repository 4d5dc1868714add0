#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// A new dimension of size 1 (torch.unsqueeze), of any element type.
//   [N, 8] -> [N, 1, 8] with dim = 1
class Unsqueeze {
 public:
  struct Options {
    std::int64_t dim = 0;  // in the output; negative ones count from its end
  };

  explicit Unsqueeze(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Unsqueeze"; }
  // Throws Error: "Dimension out of range (expected to be in range of [-4, 3], but got 5)".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const;
  bool in_place() const { return true; }
  bool keeps_bytes() const { return true; }
  // "1"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
