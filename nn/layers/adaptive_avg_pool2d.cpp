#include <nn/layers/adaptive_avg_pool2d.h>

namespace nn {

AdaptiveAvgPool2d::AdaptiveAvgPool2d(const Options& options) : options_(options) {
  require_adaptive_size(kind(), options_.output_size);
}

Shape AdaptiveAvgPool2d::output_shape(const Shape& in) const {
  const std::size_t rank = in.rank();
  if (rank != 3 && rank != 4) {
    fail("adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got ", in);
  }
  const Shape out = options_.output_size.of(in);
  // To 1 x 1 PyTorch takes the mean, which of nothing is NaN.
  if (out[rank - 2] == 1 && out[rank - 1] == 1) return out;
  for (std::size_t i = rank - 2; i < rank; ++i) {
    if (in[i] == 0) {
      fail(
          "adaptive_avg_pool2d(): Expected input to have non-zero size for non-batch dimensions, "
          "but input has sizes ",
          in, " with dimension ", i, " being empty");
    }
  }
  return out;
}

void AdaptiveAvgPool2d::forward(ConstTensorView x, TensorView y) const {
  kernels::adaptive_avg_pool2d(adaptive_plane(x.shape(), y.shape()), x.f32(), y.f32());
}

std::string AdaptiveAvgPool2d::extra_repr() const {
  return concat("output_size=", to_text(options_.output_size));
}

}  // namespace nn
