#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// y[i] = x[0] + … + x[i] along one dimension (torch.cumsum).
//   float32 or int64, of any shape -> the same
// Sums of float32 are kept in double and rounded once each; those of integers wrap.
class CumSum {
 public:
  struct Options {
    std::int64_t dim;  // negative ones count from the end
  };

  explicit CumSum(const Options& options) : options_(options) {}

  std::string_view kind() const { return "cumsum"; }
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const;
  // "dim=1"
  std::string extra_repr() const { return concat("dim=", options_.dim); }

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
