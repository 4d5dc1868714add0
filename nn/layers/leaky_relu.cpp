#include <nn/layers/leaky_relu.h>
#include <nn/layers/repr.h>

namespace nn {

std::string LeakyReLU::extra_repr() const {
  return concat("negative_slope=", repr(options_.negative_slope),
                options_.inplace ? ", inplace=True" : "");
}

void LeakyReLU::forward(ConstTensorView x, TensorView y) const {
  kernels::activate(activation(), x.f32(), y.f32());
}

}  // namespace nn
