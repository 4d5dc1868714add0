#include <algorithm>

#include <nn/layers/strides.h>
#include <nn/layers/transpose.h>

namespace nn {

std::vector<TensorSpec> Transpose::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = one_input(in);
  const std::size_t a = normalize_dim(options_.dim0, x.shape.rank());
  const std::size_t b = normalize_dim(options_.dim1, x.shape.rank());
  if (x.shape.rank() == 0) return {x};
  return {{x.shape.with(a, x.shape[b]).with(b, x.shape[a]), x.dtype}};
}

void Transpose::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                        Context&) const {
  const std::size_t rank = x[0].shape().rank();
  Dims strides = strides_of(x[0].shape());
  std::swap(strides[normalize_dim(options_.dim0, rank)],
            strides[normalize_dim(options_.dim1, rank)]);
  copy_strided(x[0], strides, 0, y[0]);
}

bool Transpose::rows_independent(std::span<const TensorSpec> in) const {
  const std::size_t rank = in[0].shape.rank();
  const std::size_t a = normalize_dim(options_.dim0, rank), b = normalize_dim(options_.dim1, rank);
  return rank > 0 && (a == b || (a != 0 && b != 0));
}

std::string Transpose::extra_repr() const { return concat(options_.dim0, ", ", options_.dim1); }

}  // namespace nn
