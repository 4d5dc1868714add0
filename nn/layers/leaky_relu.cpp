#include <nn/layers/leaky_relu.h>

namespace nn {

std::string LeakyReLU::extra_repr() const {
  return concat("negative_slope=", options_.negative_slope);
}

void LeakyReLU::forward(ConstTensorView x, TensorView y) const {
  kernels::activate(activation(), x.f32(), y.f32());
}

}  // namespace nn
