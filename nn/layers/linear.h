#pragma once

#include <memory>

#include <nn/kernels/activation.h>
#include <nn/layer.h>

namespace nn {
namespace kernels {
class PackedLinear;
}

// y = x Wᵀ + b over the last dimension (torch.nn.Linear).
//
//   [*, in_features] -> [*, out_features],  any number of leading dimensions, sizes of 0 included
//
// Parameters: weight [out_features, in_features], bias [out_features]. in_features = 0 gives the
// bias.
// A row's bits depend on that row alone, in any batch and at any place of it; a row of NaN leaves
// its neighbours as they are. 0 · NaN is NaN.
//
//   nn::Linear fc({.in_features = 800, .out_features = 500});
//   fc.weight = …;
//   fc.bias = …;
//   nn::Tensor y = nn::apply(fc, x);
class Linear {
 public:
  struct Options {
    std::int64_t in_features;
    std::int64_t out_features;
    bool bias = true;
  };

  // Throws Error when a size is negative, or both are 0 (forgotten).
  explicit Linear(const Options& options);

  std::string_view kind() const { return "Linear"; }
  // Throws Error: "mm: mat1 and mat2 shapes cannot be multiplied (2x3 and 5x4)" ("addmm: …" with
  // bias).
  Shape output_shape(const Shape& in) const;
  void forward(ConstTensorView x, TensorView y, Context& context) const;
  void pack(const Shape& in, const PackOptions& options);
  bool rows_independent(const Shape& in) const { return in.rank() >= 2; }
  std::int64_t multiply_adds(const Shape& in) const;
  // "packed", "packed in float16" or, before it is packed, "dot products"
  std::string kernel() const;
  std::vector<NamedParameter> parameters();
  // "in_features=800, out_features=500, bias=True"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

  Parameter weight;
  Parameter bias;
  kernels::Activation activation;  // set by the pass that fuses an activation

 private:
  Options options_;
  std::shared_ptr<const kernels::PackedLinear> packed_;
};

}  // namespace nn
