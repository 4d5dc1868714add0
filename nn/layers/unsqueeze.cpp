#include <nn/kernels/copy.h>
#include <nn/layers/strides.h>
#include <nn/layers/unsqueeze.h>

namespace nn {

std::vector<TensorSpec> Unsqueeze::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = one_input(in);
  const std::size_t rank = x.shape.rank() + 1;
  const std::size_t dim = normalize_dim(options_.dim, rank);
  Shape out;
  for (std::size_t i = 0; i < rank; ++i) {
    out = out.appended(i == dim ? 1 : x.shape[i < dim ? i : i - 1]);
  }
  return {{out, x.dtype}};
}

void Unsqueeze::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                        Context&) const {
  kernels::copy(x[0].bytes(), y[0].bytes());
}

bool Unsqueeze::rows_independent(std::span<const TensorSpec> in) const {
  return normalize_dim(options_.dim, in[0].shape.rank() + 1) != 0;
}

std::string Unsqueeze::extra_repr() const { return concat(options_.dim); }

}  // namespace nn
