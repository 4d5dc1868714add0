#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// y = (x − mean) / √(variance + eps) · weight + bias, with the mean and the variance of each run of
// normalized_shape (torch.nn.LayerNorm).   [*, normalized_shape] -> the same
// Computed in double and rounded once. A row of equal values gives the bias, one with an infinity
// or NaN gives NaN.
// Parameters: weight, bias [normalized_shape] (with `elementwise_affine`).
//
//   nn::LayerNorm norm({.normalized_shape = {768}});
class LayerNorm {
 public:
  struct Options {
    Shape normalized_shape;
    double eps = 1e-5;
    bool elementwise_affine = true;
    bool bias = true;  // false: affine without bias
  };

  // Throws Error without a size in normalized_shape.
  explicit LayerNorm(const Options& options);

  std::string_view kind() const { return "LayerNorm"; }
  // Throws Error: "Given normalized_shape=[4], expected input with shape [*, 4], but got input of
  // size[2, 3]".
  Shape output_shape(const Shape& in) const;
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const {
    return in.rank() > options_.normalized_shape.rank();
  }
  bool in_place() const { return true; }
  std::vector<NamedParameter> parameters();
  // "(768,), eps=1e-05, elementwise_affine=True, bias=True"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

  Parameter weight;
  Parameter bias;

 private:
  Options options_;
};

// y = x / √(mean of x² + eps) · weight, over each run of normalized_shape (torch.nn.RMSNorm).
//   [*, normalized_shape] -> the same
// Parameters: weight [normalized_shape] (with `elementwise_affine`).
class RMSNorm {
 public:
  struct Options {
    Shape normalized_shape;
    std::optional<double> eps = {};  // nothing is PyTorch's None: 2^-23
    bool elementwise_affine = true;
  };

  explicit RMSNorm(const Options& options);

  std::string_view kind() const { return "RMSNorm"; }
  Shape output_shape(const Shape& in) const;
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const {
    return in.rank() > options_.normalized_shape.rank();
  }
  bool in_place() const { return true; }
  std::vector<NamedParameter> parameters();
  // "(768,), eps=None, elementwise_affine=True"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

  Parameter weight;

 private:
  Options options_;
};

}  // namespace nn
