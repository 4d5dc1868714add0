#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// y = (x − mean) / √(variance + eps) · weight[c] + bias[c], with the mean and the variance of each
// row's group of num_channels / num_groups channels (torch.nn.GroupNorm).
//   [N, num_channels, *] -> the same
// Computed in double and rounded once.
// Parameters: weight, bias [num_channels] (with `affine`).
//
//   nn::GroupNorm norm({.num_groups = 4, .num_channels = 32});
class GroupNorm {
 public:
  struct Options {
    std::int64_t num_groups;
    std::int64_t num_channels;
    double eps = 1e-5;
    bool affine = true;
    bool bias = true;  // false: affine without bias
  };

  // Throws Error: "GroupNorm: num_channels (5) must be divisible by num_groups (2)".
  explicit GroupNorm(const Options& options);

  std::string_view kind() const { return "GroupNorm"; }
  // Throws Error unless dimension 1 of `in` has num_channels.
  Shape output_shape(const Shape& in) const;
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape&) const { return true; }
  bool in_place() const { return true; }
  std::vector<NamedParameter> parameters();
  // "4, 32, eps=1e-05, affine=True, bias=True"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

  Parameter weight;
  Parameter bias;

 private:
  Options options_;
};

// The same with the mean and the variance of each plane (torch.nn.InstanceNorm2d), or, with
// track_running_stats, with those of the training, as BatchNorm2d has them.
//   [N, num_features, H, W] -> the same,  or the same without N
// Parameters: weight, bias [num_features] (with `affine`); buffers with track_running_stats:
// running_mean, running_var [num_features] and the counter num_batches_tracked.
//
//   nn::InstanceNorm2d norm({.num_features = 3, .affine = true});
class InstanceNorm2d {
 public:
  struct Options {
    std::int64_t num_features;
    double eps = 1e-5;
    std::optional<double> momentum = 0.1;  // of training
    bool affine = false;
    bool bias = true;  // false: affine without bias
    bool track_running_stats = false;
  };

  // Throws Error unless num_features is positive.
  explicit InstanceNorm2d(const Options& options);

  std::string_view kind() const { return "InstanceNorm2d"; }
  // Throws Error: "expected 3D or 4D input (got 2D input)", "Expected more than 1 spatial element
  // when training, got input size [1, 2, 1, 1]".
  Shape output_shape(const Shape& in) const;
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const { return in.rank() == 4; }
  bool in_place() const { return true; }
  std::vector<NamedParameter> parameters();
  // "3, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

  Parameter weight;
  Parameter bias;
  Parameter running_mean;
  Parameter running_var;
  Parameter num_batches_tracked;

 private:
  Options options_;
};

}  // namespace nn
