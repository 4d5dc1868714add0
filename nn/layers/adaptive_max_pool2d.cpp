#include <nn/layers/adaptive_max_pool2d.h>
#include <nn/layers/strides.h>

namespace nn {

AdaptiveMaxPool2d::AdaptiveMaxPool2d(const Options& options) : options_(options) {
  require_adaptive_size(kind(), options_.output_size);
}

std::vector<TensorSpec> AdaptiveMaxPool2d::outputs(std::span<const TensorSpec> in) const {
  const auto& [shape, dtype] = one_input(in);
  if (dtype != DType::float32) fail("expected an input of float32, got ", dtype);
  const std::size_t rank = shape.rank();
  if (rank != 3 && rank != 4) {
    fail("adaptive_max_pool2d(): Expected 3D or 4D tensor, but got: ", shape);
  }
  for (std::size_t i = rank - 3; i < rank; ++i) {
    if (shape[i] == 0) {
      fail(
          "adaptive_max_pool2d(): Expected input to have non-zero size for non-batch dimensions, "
          "but input has sizes ",
          shape, " with dimension ", i, " being empty");
    }
  }
  const Shape out = options_.output_size.of(shape);
  std::vector<TensorSpec> specs{{out, DType::float32}};
  if (options_.return_indices) specs.push_back({out, DType::int64});
  return specs;
}

void AdaptiveMaxPool2d::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                                Context&) const {
  kernels::adaptive_max_pool2d(
      adaptive_plane(x[0].shape(), y[0].shape()), x[0].f32(), y[0].f32(),
      options_.return_indices ? y[1].as<std::int64_t>() : std::span<std::int64_t>());
}

std::string AdaptiveMaxPool2d::extra_repr() const {
  return concat("output_size=", to_text(options_.output_size));
}

}  // namespace nn
