#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include <nn/kernels/depthwise.h>
#include <nn/kernels/packed_conv.h>
#include <nn/kernels/packed_linear.h>
#include <nn/kernels/winograd_conv.h>

namespace nn::kernels {

// A convolution's weights packed for the kernel that serves its shape best. A value; threads may
// run its parts at once.
class FastConv {
 public:
  // By sizes alone, so that the same network always takes the same way. Nothing where it
  // is too large to count; then the plain way is taken.
  // weight [out, in / groups, kernel_h, kernel_w]; up to `images` are run at a time. `stored` is for
  // what runs as Linear.
  static std::optional<FastConv> choose(const ConvShape& shape, std::int64_t images, bool max_pool,
                                        std::span<const float> weight, DType stored);

  // "Winograd, tiles of 4 x 4", "products of windows", "depthwise", "one window, as Linear: packed"
  std::string name() const;
  // Floats of scratch, aligned to 64 bytes, that one `run` wants for so many images.
  std::int64_t scratch(std::int64_t images) const;
  // Can the image be computed this way?
  bool takes(std::span<const float> image) const;
  // In how many parts so many threads best call `run`.
  std::int64_t parts(std::int64_t images, int threads) const;
  // One part of x [images, in, height, width] -> y [images, out, out_h, out_w], or the halves with
  // epilogue.max_pool, which is as it was for `choose`. REQUIRES: `takes` every image.
  void run(std::int64_t images, const float* x, const Epilogue& epilogue, const Part& part,
           float* y, float* scratch) const;

 private:
  using Kernel = std::variant<PackedLinear, Depthwise, PackedConv, WinogradConv>;
  explicit FastConv(Kernel kernel) : kernel_(std::move(kernel)) {}

  Kernel kernel_;
};

}  // namespace nn::kernels
