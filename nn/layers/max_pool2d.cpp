#include <nn/layers/max_pool2d.h>
#include <nn/layers/repr.h>

namespace nn {

MaxPool2d::MaxPool2d(const Options& options) : options_(options) {
  require_pool_window(kind(), window());
}

std::vector<TensorSpec> MaxPool2d::outputs(std::span<const TensorSpec> in) const {
  if (in.size() != 1) fail("expected 1 input, got ", in.size());
  if (in[0].dtype != DType::float32) fail("expected an input of float32, got ", in[0].dtype);
  const Shape shape = pool_shape(plane(in[0].shape), in[0].shape);
  std::vector<TensorSpec> specs{{shape, DType::float32}};
  if (options_.return_indices) specs.push_back({shape, DType::int64});
  return specs;
}

void MaxPool2d::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                        Context&) const {
  const kernels::PoolPlane sizes = plane(x[0].shape());
  if (options_.return_indices) {
    kernels::max_pool2d_with_indices(sizes, x[0].f32(), y[0].f32(), y[1].as<std::int64_t>());
  } else {
    kernels::max_pool2d(sizes, x[0].f32(), y[0].f32());
  }
}

std::string MaxPool2d::extra_repr() const {
  return concat(
      "kernel_size=", pool_argument(options_.kernel_size),
      ", stride=", pool_argument(options_.stride), ", padding=", pool_argument(options_.padding),
      ", dilation=", pool_argument(options_.dilation), ", ceil_mode=", repr(options_.ceil_mode));
}

}  // namespace nn
