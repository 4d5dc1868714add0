#include <nn/layers/silu.h>

namespace nn {

std::string SiLU::extra_repr() const { return options_.inplace ? "inplace=True" : ""; }

void SiLU::forward(ConstTensorView x, TensorView y) const {
  kernels::activate(activation(), x.f32(), y.f32());
}

}  // namespace nn
