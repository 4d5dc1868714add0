#include <nn/layers/adaptive_avg_pool2d.h>

namespace nn {
namespace {

std::string side(std::optional<std::int64_t> size) { return size ? to_text(*size) : "None"; }

}  // namespace

AdaptiveAvgPool2d::AdaptiveAvgPool2d(const Options& options) : options_(options) {
  const auto& [h, w] = options_.output_size;
  if (h.value_or(0) < 0 || w.value_or(0) < 0) {
    fail(
        "AdaptiveAvgPool2d: elements of output_size must be greater than or equal to 0 but "
        "received {",
        side(h), ", ", side(w), "}");
  }
}

Shape AdaptiveAvgPool2d::output_shape(const Shape& in) const {
  const std::size_t rank = in.rank();
  if (rank != 3 && rank != 4) {
    fail("adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got ", in);
  }
  const auto& [h, w] = options_.output_size;
  const Shape out =
      in.with(rank - 2, h.value_or(in[rank - 2])).with(rank - 1, w.value_or(in[rank - 1]));
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
  const std::size_t rank = x.shape().rank();
  const Shape out = output_shape(x.shape());
  kernels::PoolPlane plane;
  plane.h.in = x.shape()[rank - 2];
  plane.h.out = out[rank - 2];
  plane.w.in = x.shape()[rank - 1];
  plane.w.out = out[rank - 1];
  kernels::adaptive_avg_pool2d(plane, x.f32(), y.f32());
}

std::string AdaptiveAvgPool2d::extra_repr() const {
  return concat("output_size=(", side(options_.output_size.h), ", ", side(options_.output_size.w),
                ")");
}

}  // namespace nn
