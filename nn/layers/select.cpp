#include <nn/layers/select.h>
#include <nn/layers/strides.h>

namespace nn {
namespace {

// Without dimension `dim`.
Dims without(Dims dims, std::size_t dim, std::size_t rank) {
  for (std::size_t i = dim; i + 1 < rank; ++i) dims[i] = dims[i + 1];
  return dims;
}

}  // namespace

std::vector<TensorSpec> Select::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = one_input(in);
  if (x.shape.rank() == 0) fail("select() cannot be applied to a 0-dim tensor.");
  const std::size_t dim = normalize_dim(options_.dim, x.shape.rank());
  const std::int64_t size = x.shape[dim];
  if (options_.index >= size || options_.index < -size) {
    fail("select(): index ", options_.index, " out of range for tensor of size ", x.shape,
         " at dimension ", dim);
  }
  return {{x.shape.without(dim), x.dtype}};
}

void Select::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                     Context&) const {
  const Shape& shape = x[0].shape();
  const std::size_t dim = normalize_dim(options_.dim, shape.rank());
  const Dims strides = strides_of(shape);
  const std::int64_t index = options_.index < 0 ? options_.index + shape[dim] : options_.index;
  copy_strided(x[0], without(strides, dim, shape.rank()), index * strides[dim], y[0]);
}

bool Select::rows_independent(std::span<const TensorSpec> in) const {
  return normalize_dim(options_.dim, in[0].shape.rank()) != 0;
}

std::string Select::extra_repr() const {
  return concat("dim=", options_.dim, ", index=", options_.index);
}

}  // namespace nn
