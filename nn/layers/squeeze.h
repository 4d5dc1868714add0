#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// Dimensions of size 1 taken away (torch.squeeze), of any element type: those of `dims` that have one,
// or all where `dims` is empty.
//   [N, 8, 1, 1] -> [N, 8] with dims = {2, 3}
class Squeeze {
 public:
  struct Options {
    std::vector<std::int64_t> dims = {};  // negative ones count from the end
  };

  Squeeze() : Squeeze(Options{}) {}
  explicit Squeeze(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Squeeze"; }
  // Throws Error: "dim 0 appears multiple times in the list of dims".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const;
  bool in_place() const { return true; }
  bool keeps_bytes() const { return true; }
  // "2, 3"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
