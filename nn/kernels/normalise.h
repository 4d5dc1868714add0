#pragma once

#include <span>

namespace nn::kernels {

// The mean of x, and 1 / √(its variance + eps), both in double: the variance is the mean of the
// squared distances, as of layer_norm. Of nothing both are NaN; with an infinity or NaN in x the
// inverse is NaN.
struct Statistics {
  double mean;
  double inverse;
};
Statistics statistics(std::span<const float> x, double eps);
// 1 / √(mean of x² + eps), as of rms_norm.
double inverse_rms(std::span<const float> x, double eps);

// y[i] = (x[i] - mean) · inverse · weight + bias; y may be x.  REQUIRES: equal sizes.
void normalise(Statistics of, float weight, float bias, std::span<const float> x,
               std::span<float> y);
// The same with a weight and a bias for each i, or none of them where that span is empty.
void normalise(Statistics of, std::span<const float> weight, std::span<const float> bias,
               std::span<const float> x, std::span<float> y);

}  // namespace nn::kernels
