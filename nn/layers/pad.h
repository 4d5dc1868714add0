#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/kernels/pad.h>
#include <nn/layer.h>

namespace nn {

// "zeros" and "constant", "reflect", "replicate" or "circular". Throws Error, beginning with `kind`,
// for another word.
kernels::PadMode pad_mode(std::string_view kind, std::string_view mode);

// Cells around a tensor (torch.nn.functional.pad), of any element type.
//   [N, 3, 8, 8] -> [N, 3, 12, 10] with pad = {1, 1, 2, 2}
//
// pad: cells before and behind the last dimension, then the one before it, and so on; negative ones
// take cells away. mode: "constant" (of `value`), "reflect", "replicate" or "circular", the last three
// of any number of dimensions.
class Pad {
 public:
  struct Options {
    std::vector<std::int64_t> pad;
    std::string mode = "constant";
    double value = 0;
  };

  // Throws Error: "Pad: Padding length must be divisible by 2", or for a mode that is none of the four.
  explicit Pad(const Options& options);

  std::string_view kind() const { return "Pad"; }
  // Throws Error where PyTorch does: more dimensions than the input has, a negative size, more
  // reflected cells than there are.
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const;
  // "(1, 1, 2, 2), mode='reflect'"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
  kernels::PadMode mode_;
};

}  // namespace nn
