#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nn/kernels/conv_planes.h>
#include <nn/kernels/conv_shape.h>
#include <nn/kernels/epilogue.h>
#include <nn/kernels/part.h>
#include <nn/tensor.h>

namespace nn::kernels {

// Operations on one float each that a convolution of one image takes by sums of products, gathering
// counted in; measured on AVX2 and AVX-512 to be right within a fourth. What other ways compare
// theirs with.
double conv_cost(const ConvShape& shape);

// A convolution of any stride, padding, dilation and number of groups as sums of products on packed
// weights. The matrix of windows is never there as a whole: strips of rows, or some small images,
// are laid out so that each tap meets neighbouring pixels (ConvPlanes), and panels of pixels meet
// all channels (conv_product). A value; threads may run its blocks at once.
class PackedConv {
 public:
  // For up to `images` at a time. Nothing where a strip would be too large to count. weight
  // [out, in / groups, kernel_h, kernel_w].
  static std::optional<PackedConv> make(const ConvShape& shape, std::int64_t images, bool max_pool,
                                        std::span<const float> weight);

  std::string name() const { return pointwise_ ? "products of pixels" : "products of windows"; }
  // Floats of scratch, aligned to 64 bytes, that one `run` wants.
  std::int64_t scratch() const;
  // In how many parts so many threads best call `run`.
  std::int64_t parts(std::int64_t images, int threads) const;
  // One part of
  //   x [images, in, height, width] -> y [images, out, out_h, out_w]  (or the halves, with max_pool)
  // An element's bits depend on its own pixels and weights alone. REQUIRES: epilogue.max_pool as at
  // `make`, a number of parts as `parts` says.
  void run(std::int64_t images, const float* x, const Epilogue& epilogue, const Part& part,
           float* y, float* scratch) const;

 private:
  PackedConv(const ConvShape& shape, std::int64_t images, bool max_pool, bool pointwise,
             std::int64_t rows, std::span<const float> weight);
  std::int64_t strips() const { return (shape_.windows.out_h + rows_ - 1) / rows_; }
  std::int64_t blocks(std::int64_t images) const {
    return (images + images_ - 1) / images_ * strips() * shape_.groups;
  }
  // Slice `slice` of the channels of block `block`: some images or one strip, of one group.
  void run_block(std::int64_t images, const float* x, const Epilogue& epilogue, std::int64_t block,
                 const Part& slice, float* y, float* scratch) const;

  ConvShape shape_;
  bool max_pool_;
  bool pointwise_;       // 1 × 1, stride 1, no padding: the image itself is its planes
  std::int64_t rows_;    // of windows in a strip
  std::int64_t images_;  // in a block; more than 1 only where a strip is a whole image
  ConvPlanes planes_;
  std::vector<std::int32_t> taps_;
  Tensor packed_;  // group by group
};

}  // namespace nn::kernels
