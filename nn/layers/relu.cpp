#include <nn/layers/relu.h>

namespace nn {

void ReLU::forward(ConstTensorView x, TensorView y) const {
  kernels::activate(activation(), x.f32(), y.f32());
}

}  // namespace nn
