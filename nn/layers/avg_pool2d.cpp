#include <nn/layers/avg_pool2d.h>

namespace nn {

AvgPool2d::AvgPool2d(const Options& options) : options_(options) {
  require_pool_window(kind(), window());
  if (options_.divisor_override == 0) fail("AvgPool2d: divisor must be not zero");
}

void AvgPool2d::forward(ConstTensorView x, TensorView y) const {
  kernels::avg_pool2d(plane(x.shape()), {options_.count_include_pad, options_.divisor_override},
                      x.f32(), y.f32());
}

std::string AvgPool2d::extra_repr() const {
  return concat("kernel_size=", pool_argument(options_.kernel_size),
                ", stride=", pool_argument(options_.stride),
                ", padding=", pool_argument(options_.padding));
}

}  // namespace nn
