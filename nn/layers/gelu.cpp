#include <nn/layers/gelu.h>

namespace nn {

GELU::GELU(const Options& options) : options_(options) {
  if (options_.approximate != "none" && options_.approximate != "tanh") {
    fail("GELU: approximate argument must be either none or tanh, got '",
         printable(options_.approximate), "'");
  }
}

std::string GELU::extra_repr() const { return "approximate='" + options_.approximate + "'"; }

void GELU::forward(ConstTensorView x, TensorView y) const {
  kernels::activate(activation(), x.f32(), y.f32());
}

}  // namespace nn
