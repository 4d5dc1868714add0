#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// Where the largest (ArgMax, torch.argmax) or smallest (ArgMin) element stands along a dimension: the
// first of equal ones, of NaN the first.
//   float32 or int64 [N, 10] -> int64 [N] with dim = 1, or [N, 1] with keepdim
// Without a dim the place in the whole tensor, flattened: int64 [].
class ArgMax {
 public:
  enum class Op : std::uint8_t { argmax, argmin };
  struct Options {
    std::optional<std::int64_t> dim = {};
    bool keepdim = false;
    Op op = Op::argmax;
  };

  explicit ArgMax(const Options& options) : options_(options) {}

  // "argmax" or "argmin".
  std::string_view kind() const { return options_.op == Op::argmax ? "argmax" : "argmin"; }
  // Throws Error: "argmax(): Expected reduction dim 0 to have non-zero size."
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const;
  // "dim=1, keepdim=True"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
