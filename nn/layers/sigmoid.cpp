#include <nn/layers/sigmoid.h>

namespace nn {

void Sigmoid::forward(ConstTensorView x, TensorView y) const {
  kernels::activate(activation(), x.f32(), y.f32());
}

}  // namespace nn
