#include <nn/layers/tanh.h>

namespace nn {

void Tanh::forward(ConstTensorView x, TensorView y) const {
  kernels::activate(activation(), x.f32(), y.f32());
}

}  // namespace nn
