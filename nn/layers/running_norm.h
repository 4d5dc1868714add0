#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>
#include <nn/layers/repr.h>

namespace nn {

// What BatchNorm and InstanceNorm2d share: options, parameters and buffers of the same names.

// Declares what the options ask for. Throws Error unless num_features is positive.
template <class Norm>
void declare_parameters(std::string_view kind, Norm& norm) {
  const auto& o = norm.options();
  if (o.num_features <= 0) fail(kind, ": num_features must be positive, got ", o.num_features);
  const Shape shape{o.num_features};
  if (o.affine) {
    norm.weight = Parameter(shape);
    if (o.bias) norm.bias = Parameter(shape);
  }
  if (o.track_running_stats) {
    norm.running_mean = Parameter(shape);
    norm.running_var = Parameter(shape);
    norm.num_batches_tracked = Parameter(Shape{}, DType::int64);
  }
}

template <class Norm>
std::vector<NamedParameter> parameters_of(Norm& norm) {
  std::vector<NamedParameter> result;
  if (norm.weight.declared()) result.push_back({"weight", norm.weight});
  if (norm.bias.declared()) result.push_back({"bias", norm.bias});
  if (norm.options().track_running_stats) {
    result.push_back({"running_mean", norm.running_mean, Role::buffer});
    result.push_back({"running_var", norm.running_var, Role::buffer});
    result.push_back({"num_batches_tracked", norm.num_batches_tracked, Role::counter});
  }
  return result;
}

// "5, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True"
template <class Options>
std::string repr_of(const Options& o) {
  return concat(o.num_features, ", eps=", repr(o.eps),
                ", momentum=", o.momentum ? repr(*o.momentum) : "None", ", affine=", repr(o.affine),
                ", bias=", repr(o.affine && o.bias),
                ", track_running_stats=", repr(o.track_running_stats));
}

}  // namespace nn
