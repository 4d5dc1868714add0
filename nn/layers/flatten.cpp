#include <nn/kernels/copy.h>
#include <nn/layers/flatten.h>

namespace nn {

Shape Flatten::output_shape(const Shape& in) const {
  const std::size_t start = normalize_dim(options_.start_dim, in.rank());
  const std::size_t end = normalize_dim(options_.end_dim, in.rank());
  if (start > end) fail("flatten() has invalid args: start_dim cannot come after end_dim");
  if (in.rank() == 0) return {1};
  Shape out;
  for (std::size_t i = 0; i < start; ++i) out = out.appended(in[i]);
  out = out.appended(in.numel(start, end + 1));
  for (std::size_t i = end + 1; i < in.rank(); ++i) out = out.appended(in[i]);
  return out;
}

void Flatten::forward(ConstTensorView x, TensorView y) const {
  kernels::copy(x.bytes(), y.bytes());
}

bool Flatten::rows_independent(const Shape& in) const {
  if (in.rank() == 0) return false;
  return normalize_dim(options_.start_dim, in.rank()) > 0 ||
         normalize_dim(options_.end_dim, in.rank()) == 0;
}

std::string Flatten::extra_repr() const {
  return concat("start_dim=", options_.start_dim, ", end_dim=", options_.end_dim);
}

}  // namespace nn
