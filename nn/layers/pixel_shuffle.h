#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nn/layer.h>

namespace nn {

// Channels spread over the plane (torch.nn.PixelShuffle), of any element type.
//   [N, C·r², H, W] -> [N, C, H·r, W·r],  or more or fewer dimensions in front
//   y[…, c, h·r + i, w·r + j] = x[…, (c·r + i)·r + j, h, w]
class PixelShuffle {
 public:
  struct Options {
    std::int64_t upscale_factor;
  };

  // Throws Error unless the factor is positive.
  explicit PixelShuffle(const Options& options);

  std::string_view kind() const { return "PixelShuffle"; }
  // Throws Error: "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square
  // of upscale_factor, but input.size(-3)=6 is not divisible by 4".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const { return in[0].shape.rank() > 3; }
  // "upscale_factor=2"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

// The way back (torch.nn.PixelUnshuffle): [N, C, H·r, W·r] -> [N, C·r², H, W].
class PixelUnshuffle {
 public:
  struct Options {
    std::int64_t downscale_factor;
  };

  // Throws Error unless the factor is positive.
  explicit PixelUnshuffle(const Options& options);

  std::string_view kind() const { return "PixelUnshuffle"; }
  // Throws Error: "pixel_unshuffle expects height to be divisible by downscale_factor, but
  // input.size(-2)=3 is not divisible by 2".
  std::vector<TensorSpec> outputs(std::span<const TensorSpec> in) const;
  void forward(std::span<const ConstTensorView> x, std::span<const TensorView> y, Context&) const;
  bool rows_independent(std::span<const TensorSpec> in) const { return in[0].shape.rank() > 3; }
  // "downscale_factor=2"
  std::string extra_repr() const;

  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace nn
