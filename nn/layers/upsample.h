#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nn/layer.h>
#include <nn/layers/int_pair.h>

namespace nn {

// A picture of another size (torch.nn.Upsample, torch.nn.functional.interpolate).
//   [N, C, H, W] -> [N, C, H', W'];  {H', W'} = size, or ⌊H · scale_factor.h⌋ and W alike
//
// mode: "nearest" (place ⌊o / scale⌋), "nearest-exact" (⌊(o + ½) / scale⌋), "bilinear" or "bicubic"
// (with a = −¾, places beyond the edge repeat it). With align_corners the corners of both pictures
// lie upon each other, otherwise pixels are squares. The scale is scale_factor where it is given,
// unless recompute_scale_factor asks for the quotient of the sizes.
//
//   nn::apply(Upsample({.scale_factor = {{2, 2}}, .mode = "bilinear"}), x)
//   // [1, 3, 8, 8] -> [1, 3, 16, 16]
class Upsample {
 public:
  struct ScaleFactor {
    double h;
    double w;
  };
  struct Options {
    std::optional<IntPair> size = {};
    std::optional<ScaleFactor> scale_factor = {};
    std::string mode = "nearest";
    std::optional<bool> align_corners = {};
    bool recompute_scale_factor = false;
  };

  // Throws Error: "only one of size or scale_factor should be defined", "align_corners option can
  // only be set with the interpolating modes: linear | bilinear | bicubic | trilinear", and for a
  // mode that is none of the four.
  explicit Upsample(const Options& options);

  std::string_view kind() const { return "Upsample"; }
  // Throws Error: "Input and output sizes should be greater than 0, but got input (H: 0, W: 3)
  // output (H: 0, W: 6)".
  Shape output_shape(const Shape& in) const;
  void forward(ConstTensorView x, TensorView y, Context& context) const;
  std::size_t scratch_bytes(const Shape& in) const;
  bool rows_independent(const Shape&) const { return true; }
  // "scale_factor=2.0, mode='nearest'"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  // Output / input along one axis, where it is told.
  std::optional<double> scale(bool rows) const;

  Options options_;
};

}  // namespace nn
