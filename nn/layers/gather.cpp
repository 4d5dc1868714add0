#include <cstring>

#include <nn/layers/gather.h>
#include <nn/layers/strides.h>

namespace nn {

std::vector<TensorSpec> Gather::outputs(std::span<const TensorSpec> in) const {
  if (in.size() != 2) fail("expected 2 inputs, got ", in.size());
  const Shape &x = in[0].shape, &index = in[1].shape;
  if (in[1].dtype != DType::int64) {
    fail("gather(): Expected dtype int64 for index, got ", in[1].dtype);
  }
  if (x.rank() != index.rank()) {
    fail("Index tensor must have the same number of dimensions as input tensor, got ", index,
         " for ", x);
  }
  const std::size_t dim = x.rank() == 0 ? 0 : normalize_dim(options_.dim, x.rank());
  for (std::size_t i = 0; i < x.rank(); ++i) {
    if (i != dim && index[i] > x[i]) {
      fail("Size does not match at dimension ", i, " expected index ", index,
           " to be no larger than self ", x, " apart from dimension ", dim);
    }
  }
  return {{index, in[0].dtype}};
}

void Gather::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                     Context&) const {
  const std::size_t rank = x[0].shape().rank(), size = size_of(x[0].dtype());
  const std::size_t dim = rank == 0 ? 0 : normalize_dim(options_.dim, rank);
  const Dims strides = strides_of(x[0].shape());
  const std::int64_t most = rank == 0 ? 1 : x[0].shape()[dim];
  const std::byte* const from = x[0].bytes().data();
  std::byte* to = y[0].bytes().data();
  Dims at{};
  for (std::int64_t index : x[1].as<std::int64_t>()) {
    if (index < -most || index >= most) {
      fail("index ", index, " is out of bounds for dimension ", dim, " with size ", most);
    }
    std::int64_t place = (index < 0 ? index + most : index) * (rank == 0 ? 1 : strides[dim]);
    for (std::size_t i = 0; i < rank; ++i) {
      if (i != dim) place += at[i] * strides[i];
    }
    std::memcpy(to, from + static_cast<std::size_t>(place) * size, size);
    to += size;
    for (std::size_t i = rank; i-- > 0;) {
      if (++at[i] < y[0].shape()[i]) break;
      at[i] = 0;
    }
  }
}

bool Gather::rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const {
  const std::size_t rank = in[0].shape.rank();
  return rank > 0 && normalize_dim(options_.dim, rank) != 0 && batched[0] && batched[1];
}

}  // namespace nn
