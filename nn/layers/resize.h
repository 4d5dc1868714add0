#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// A tensor of other sizes along any of its dimensions, in all ways of ONNX's Resize; Upsample is
// PyTorch's, and faster.
//   [N, C, H, W] -> [N, C, H', W'] with two axes, and so on for any rank
//
// Along each axis, output cell o stands at a place of the input that `coordinates` tells; its value is
// that of the nearest cell, or of the 2 (linear) or 4 (cubic) around it, weighted; places beyond the
// edge repeat it.
class Resize {
 public:
  enum class Mode : std::uint8_t { nearest, linear, cubic };
  enum class Coordinates : std::uint8_t {
    half_pixel,            // (o + ½) / scale − ½
    half_pixel_symmetric,  // the same, about the input's centre
    pytorch_half_pixel,    // the same, 0 where there is one output cell
    align_corners,         // o (in − 1) / (in · scale − 1)
    asymmetric,            // o / scale
    tf_half_pixel_for_nn,  // (o + ½) / scale
    tf_crop_and_resize,    // from roi_start to roi_end, in parts of in − 1
  };
  enum class Nearest : std::uint8_t { round_prefer_floor, round_prefer_ceil, floor, ceil };
  struct Axis {
    std::int64_t dim = 0;                   // from 0
    std::optional<double> scale = {};       // out = ⌊in · scale⌋, unless `size` is told
    std::optional<std::int64_t> size = {};  // scale = size / in, unless that is told
    double roi_start = 0;
    double roi_end = 1;
  };
  struct Options {
    std::vector<Axis> axes = {};
    Mode mode = Mode::nearest;
    Coordinates coordinates = Coordinates::half_pixel;
    Nearest nearest = Nearest::round_prefer_floor;
    double cubic_coeff_a = -0.75;
    bool exclude_outside = false;    // cells beyond the edge have no weight
    double extrapolation_value = 0;  // of tf_crop_and_resize, at places beyond the edge
  };

  explicit Resize(const Options& options) : options_(options) {}

  std::string_view kind() const { return "Resize"; }
  // Throws Error for an axis that the input has not or that is named twice, for sizes that are 0 or
  // above 2^31 - 1.
  Shape output_shape(const Shape& in) const;
  void prepare(const Shape& in);
  void forward(ConstTensorView x, TensorView y) const;
  bool rows_independent(const Shape& in) const;
  // "dim 2 to 4, dim 3 times 1.5, mode='linear'"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  struct Tap {
    std::int64_t place;  // in elements; below 0: outside
    float weight;
  };
  std::vector<Tap> taps_of(const Axis& axis, std::int64_t in, std::int64_t out) const;

  Options options_;
  std::vector<std::vector<Tap>> taps_;  // of each axis, `count` for each output cell
};

}  // namespace nn
