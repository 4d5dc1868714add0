#include <nn/kernels/copy.h>
#include <nn/layers/squeeze.h>
#include <nn/layers/strides.h>

namespace nn {

std::vector<TensorSpec> Squeeze::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = one_input(in);
  const auto goes = chosen_dims(options_.dims, x.shape.rank());
  Shape out;
  for (std::size_t i = 0; i < x.shape.rank(); ++i) {
    if (!goes[i] || x.shape[i] != 1) out = out.appended(x.shape[i]);
  }
  return {{out, x.dtype}};
}

void Squeeze::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                      Context&) const {
  kernels::copy(x[0].bytes(), y[0].bytes());
}

// One row is a dimension of size 1, too.
bool Squeeze::rows_independent(std::span<const TensorSpec> in) const {
  return in[0].shape.rank() > 0 && !chosen_dims(options_.dims, in[0].shape.rank())[0];
}

std::string Squeeze::extra_repr() const { return joined(options_.dims); }

}  // namespace nn
