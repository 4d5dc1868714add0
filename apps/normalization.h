#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nn/tensor.h>

namespace apps {

// How grey levels 0 to 255 become what a net was trained on: (v / 255 - mean) / std, or v itself.
struct Normalization {
  std::string name;  // "0.1307,0.3081", "x/255", "±1", "none", "imagenet"
  float mean = 0;
  float std = 1;
  bool raw = false;       // v itself
  bool imagenet = false;  // a mean and a deviation for each of red, green and blue

  friend bool operator==(const Normalization&, const Normalization&) = default;
};

// The four that people train with, most usual first: MNIST's mean and deviation, x/255, from -1 to
// 1, and none.
std::span<const Normalization> usual_normalizations();

Normalization normalization_of(float mean, float std);
// From "mean,std" or one of the names above ("+-1" and "0..255" too); nothing for another text, a
// deviation of 0 and what is not finite.
std::optional<Normalization> parse_normalization(std::string_view text);

// The means and deviations of torchvision's models for ImageNet.
Normalization imagenet_normalization();

// A photograph uint8 [3, H, W] -> float32 [1, 3, H, W].
nn::Tensor normalized_photo(nn::ConstTensorView photo, const Normalization& normalization);

// uint8 [N, H, W] -> float32 [N, channels, H, W], the same plane in each channel.
nn::Tensor normalized(nn::ConstTensorView pictures, const Normalization& normalization,
                      std::int64_t channels);

}  // namespace apps
