#pragma once

#include <optional>

#include <nn/kernels/winograd.h>
#include <nn/tensor.h>

namespace nn::kernels {

// A convolution's weights packed for the Winograd kernel that serves it best. A value; copies share
// nothing.
class WinogradConv {
 public:
  // The one that by a count of operations is faster than a matrix product over the windows; nothing
  // where none is, or where weights are not finite. weight [out, in, k, k].
  static std::optional<WinogradConv> choose(const ConvShape& shape, bool max_pool,
                                            std::span<const float> weight);

  // Floats of scratch, aligned to 64 bytes, that `run` wants for so many images.
  std::int64_t scratch(std::int64_t images) const;
  // In how many parts so many threads best call `run`.
  std::int64_t parts(std::int64_t images, int threads) const;
  // x [images, in, height, width] -> y [images, out, …], of that one part. REQUIRES: `takes` every
  // image.
  void run(std::int64_t images, const float* x, const Epilogue& epilogue, const Part& part,
           float* y, float* scratch) const;
  // Can the image be computed this way: all of it finite and far from overflow?
  bool takes(std::span<const float> image) const;
  // "Winograd, rows of 4", "Winograd, tiles of 6 x 6", "Winograd, products of tiles of 2 x 2"
  std::string name() const;

 private:
  enum class Way : std::uint8_t { tiles, rows, products };

  WinogradConv(const ConvShape& shape, Way way, std::span<const float> weight);

  ConvShape shape_;
  Way way_;
  float limit_ = 0;
  Tensor packed_;
};

}  // namespace nn::kernels
