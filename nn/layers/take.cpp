#include <cstring>

#include <nn/layers/take.h>

namespace nn {

std::vector<TensorSpec> Take::outputs(std::span<const TensorSpec> in) const {
  if (in.size() != 2) fail("expected 2 inputs, got ", in.size());
  const Shape& x = in[0].shape;
  const Shape& indices = in[1].shape;
  if (in[1].dtype != DType::int64 && in[1].dtype != DType::int32) {
    fail("expected indices of int64 or int32, got ", in[1].dtype);
  }
  if (x.rank() == 0) fail("expected a tensor of at least 1 dimension, got a scalar");
  const std::size_t dim = normalize_dim(options_.dim, x.rank());
  Shape out;
  for (std::size_t i = 0; i < dim; ++i) out = out.appended(x[i]);
  for (const std::int64_t size : indices) out = out.appended(size);
  for (std::size_t i = dim + 1; i < x.rank(); ++i) out = out.appended(x[i]);
  return {{out, in[0].dtype}};
}

void Take::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                   Context&) const {
  const Shape& shape = x[0].shape();
  const std::size_t dim = normalize_dim(options_.dim, shape.rank());
  const std::int64_t size = shape[dim];
  const auto outer = static_cast<std::size_t>(shape.numel(0, dim));
  const std::size_t run =
      static_cast<std::size_t>(shape.numel(dim + 1, shape.rank())) * size_of(x[0].dtype());
  const auto count = static_cast<std::size_t>(x[1].numel());
  const auto index = [&](std::size_t i) -> std::int64_t {
    return x[1].dtype() == DType::int64 ? x[1].as<std::int64_t>()[i] : x[1].as<std::int32_t>()[i];
  };
  for (std::size_t i = 0; i < count; ++i) {
    if (index(i) < -size || index(i) >= size) {
      fail("index out of range in self: ", index(i), ", expected ", -size, " to ", size - 1);
    }
  }
  if (run == 0) return;
  std::byte* to = y[0].data();
  for (std::size_t a = 0; a < outer; ++a) {
    const std::byte* const from = x[0].data() + a * static_cast<std::size_t>(size) * run;
    for (std::size_t i = 0; i < count; ++i, to += run) {
      const std::int64_t at = index(i) < 0 ? index(i) + size : index(i);
      std::memcpy(to, from + static_cast<std::size_t>(at) * run, run);
    }
  }
}

bool Take::rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const {
  const std::size_t dim = normalize_dim(options_.dim, in[0].shape.rank());
  if (batched[0]) return !batched[1] && dim != 0;  // of each row, the same
  return dim == 0 && in[1].shape.rank() > 0;       // each row's own, of one table
}

}  // namespace nn
