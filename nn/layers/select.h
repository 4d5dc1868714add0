#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// One index of one dimension, which goes (x[:, index]), of any element type.
//   [N, 8, H] -> [N, H] with dim = 1
class Select {
 public:
  struct Options {
    std::int64_t dim = 0;    // negative ones count from the end
    std::int64_t index = 0;  // too
  };

  explicit Select(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Select"; }
  // Throws Error: "select(): index 3 out of range for tensor of size [2, 3, 4] at dimension 1",
  // "select() cannot be applied to a 0-dim tensor.".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const;
  // "dim=1, index=0"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
