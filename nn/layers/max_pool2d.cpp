#include <nn/kernels/part.h>
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
                        Context& context) const {
  const kernels::PoolPlane sizes = plane(x[0].shape());
  if (options_.return_indices) {
    kernels::max_pool2d_with_indices(sizes, x[0].f32(), y[0].f32(), y[1].as<std::int64_t>());
    return;
  }
  const std::int64_t in = sizes.h.in * sizes.w.in, out = sizes.h.out * sizes.w.out;
  const std::int64_t planes = x[0].numel() / in;
  const double cells = static_cast<double>(out * sizes.h.kernel * sizes.w.kernel);
  constexpr double operations = 8;  // a cell, which is a comparison, in those of products
  const std::int64_t parts = std::clamp<std::int64_t>(
      kernels::parts_worth(operations * cells * static_cast<double>(planes), context.threads()), 1,
      std::max<std::int64_t>(planes, 1));
  context.share(parts, [&](std::int64_t i, Context&) {
    const kernels::Part part{i, parts};
    const auto piece = [&](auto values, std::int64_t size) {
      return values.subspan(
          static_cast<std::size_t>(part.begin(planes) * size),
          static_cast<std::size_t>((part.end(planes) - part.begin(planes)) * size));
    };
    kernels::max_pool2d(sizes, piece(x[0].f32(), in), piece(y[0].f32(), out));
  });
}

std::string MaxPool2d::extra_repr() const {
  return concat(
      "kernel_size=", pool_argument(options_.kernel_size),
      ", stride=", pool_argument(options_.stride), ", padding=", pool_argument(options_.padding),
      ", dilation=", pool_argument(options_.dilation), ", ceil_mode=", repr(options_.ceil_mode));
}

}  // namespace nn
