#include <nn/layers/softmax.h>

namespace nn {

std::int64_t implicit_softmax_dim(std::size_t rank) {
  return rank == 0 || rank == 1 || rank == 3 ? 0 : 1;
}

kernels::RowLayout softmax_layout(const Shape& shape, std::optional<std::int64_t> dim) {
  const std::size_t at =
      normalize_dim(dim.value_or(implicit_softmax_dim(shape.rank())), shape.rank());
  if (shape.rank() == 0) return {1, 1, 1};
  if (shape.numel() == 0) return {0, 0, 0};  // the products of the other sizes may be anything
  return {static_cast<std::size_t>(shape.numel(0, at)), static_cast<std::size_t>(shape[at]),
          static_cast<std::size_t>(shape.numel(at + 1, shape.rank()))};
}

Shape Softmax::output_shape(const Shape& in) const {
  softmax_layout(in, options_.dim);
  return in;
}

void Softmax::forward(ConstTensorView x, TensorView y) const {
  kernels::softmax(softmax_layout(x.shape(), options_.dim), x.f32(), y.f32());
}

bool Softmax::rows_independent(const Shape& in) const {
  if (in.rank() == 0) return false;
  return normalize_dim(options_.dim.value_or(implicit_softmax_dim(in.rank())), in.rank()) != 0;
}

std::string Softmax::extra_repr() const {
  return options_.dim ? concat("dim=", *options_.dim) : "dim=None";
}

}  // namespace nn
