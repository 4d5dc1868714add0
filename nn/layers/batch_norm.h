#pragma once

#include <optional>
#include <vector>

#include <nn/layer.h>

namespace nn {

// What BatchNorm1d and BatchNorm2d share: normalisation by the statistics of the training.
//
//   y = (x − running_mean[c]) / √(running_var[c] + eps) · weight[c] + bias[c]
//
// computed as PyTorch does at inference, y = x · α + β with α = weight / √(var + eps) and
// β = bias − mean · α in float32. A negative variance gives NaN.
//
// Parameters: weight, bias [num_features] (with `affine`); buffers: running_mean, running_var
// [num_features] and the counter num_batches_tracked, an int64 without meaning at inference.
class BatchNorm {
 public:
  struct Options {
    std::int64_t num_features;
    double eps = 1e-5;
    std::optional<double> momentum = 0.1;  // of training; nothing is PyTorch's None
    bool affine = true;
    bool bias = true;                 // false: affine without bias
    bool track_running_stats = true;  // false: batch statistics, which `output_shape` refuses
  };

  void forward(ConstTensorView x, TensorView y, Context& context) const;
  std::size_t scratch_bytes(const Shape& in) const;
  bool rows_independent(const Shape& in) const { return in.rank() >= 2; }
  bool in_place() const { return true; }
  std::vector<NamedParameter> parameters();
  // "5, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

  // y = x · scale[c] + shift[c], in double: what a pass folds into the layer before.
  // Throws Error when the parameters have no values.
  struct Affine {
    std::vector<double> scale;  // [num_features]
    std::vector<double> shift;
  };
  Affine scale_and_shift() const;

  Parameter weight;
  Parameter bias;
  Parameter running_mean;
  Parameter running_var;
  Parameter num_batches_tracked;

 protected:
  BatchNorm(std::string_view kind, const Options& options);
  // Throws Error unless dimension 1 of `in` has num_features channels.
  void require_channels(const Shape& in) const;

 private:
  Options options_;
};

// [N, num_features] or [N, num_features, L] -> the same (torch.nn.BatchNorm1d).
//
//   nn::BatchNorm1d norm({.num_features = 100});
class BatchNorm1d : public BatchNorm {
 public:
  explicit BatchNorm1d(const Options& options) : BatchNorm("BatchNorm1d", options) {}
  std::string_view kind() const { return "BatchNorm1d"; }
  // Throws Error: "expected 2D or 3D input (got 4D input)", "running_mean should contain 2 elements
  // not 3".
  Shape output_shape(const Shape& in) const;
};

// [N, num_features, H, W] -> the same (torch.nn.BatchNorm2d).
//
//   nn::BatchNorm2d norm({.num_features = 32});
class BatchNorm2d : public BatchNorm {
 public:
  explicit BatchNorm2d(const Options& options) : BatchNorm("BatchNorm2d", options) {}
  std::string_view kind() const { return "BatchNorm2d"; }
  // Throws Error: "expected 4D input (got 3D input)", "running_mean should contain 2 elements not
  // 3".
  Shape output_shape(const Shape& in) const;
};

// [N, num_features, *] -> the same: the BatchNorm of graph files, which do not tell the rank.
class BatchNormAnyRank : public BatchNorm {
 public:
  explicit BatchNormAnyRank(const Options& options) : BatchNorm("BatchNorm", options) {}
  std::string_view kind() const { return "BatchNorm"; }
  // Throws Error: "expected 2D or larger input (got 1D input)", "running_mean should contain 2
  // elements not 3".
  Shape output_shape(const Shape& in) const;
};

}  // namespace nn
