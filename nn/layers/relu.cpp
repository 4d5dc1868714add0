#include <nn/layers/relu.h>

namespace nn {

std::string ReLU::extra_repr() const { return options_.inplace ? "inplace=True" : ""; }

void ReLU::forward(ConstTensorView x, TensorView y) const {
  kernels::activate(activation(), x.f32(), y.f32());
}

}  // namespace nn
