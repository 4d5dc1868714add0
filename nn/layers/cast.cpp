#include <nn/layers/cast.h>
#include <nn/layers/strides.h>

namespace nn {

std::vector<TensorSpec> Cast::outputs(std::span<const TensorSpec> in) const {
  return {{one_input(in).shape, options_.dtype}};
}

void Cast::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                   Context&) const {
  convert(x[0], y[0]);
}

}  // namespace nn
