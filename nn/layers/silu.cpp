#include <nn/layers/silu.h>

namespace nn {

void SiLU::forward(ConstTensorView x, TensorView y) const {
  kernels::activate(activation(), x.f32(), y.f32());
}

}  // namespace nn
