#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// softmax(query keyᵀ · scale + mask) value (torch.nn.functional.scaled_dot_product_attention, in
// inference).
//   query [N, heads, L, E], key [N, heads, S, E], value [N, heads, S, Ev]  ->  [N, heads, L, Ev]
//
// Any dimensions may stand before the last two; sizes of 1 there repeat. A fourth input is the mask,
// [L, S] or more dimensions that repeat alike: bool, where false hides, or float32 that is added. Rows
// that all is hidden from give 0. The scale is 1 / √E where none is given.
class ScaledDotProductAttention {
 public:
  struct Options {
    bool is_causal = false;  // row l sees columns up to l alone
    std::optional<double> scale = {};
    bool enable_gqa = false;  // key and value have fewer heads, each for as many of the query's
  };

  ScaledDotProductAttention() = default;
  explicit ScaledDotProductAttention(const Options& options) : options_(options) {}

  std::string_view kind() const { return "scaled_dot_product_attention"; }
  // Throws Error for shapes that do not fit, and for a mask beside is_causal.
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
               Context& context) const;
  std::size_t scratch_bytes(std::span<const TensorSpec> in) const;
  bool rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const;
  std::int64_t multiply_adds(std::span<const TensorSpec> in) const;
  // "is_causal=True, scale=0.125"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
