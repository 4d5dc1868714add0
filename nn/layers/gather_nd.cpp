#include <cstring>

#include <nn/layers/gather_nd.h>

namespace nn {

std::vector<TensorSpec> GatherND::outputs(std::span<const TensorSpec> in) const {
  if (in.size() != 2) fail("expected 2 inputs, got ", in.size());
  const Shape &x = in[0].shape, &indices = in[1].shape;
  if (in[1].dtype != DType::int64) fail("expected indices of int64, got ", in[1].dtype);
  const std::int64_t batch = options_.batch_dims;
  const auto fits = [batch](const Shape& shape) {
    return batch < static_cast<std::int64_t>(shape.rank());
  };
  if (batch < 0 || !fits(x) || !fits(indices)) {
    fail("batch_dims is ", batch, ", x ", x, " and indices ", indices,
         ": expected fewer than both have dimensions");
  }
  const auto b = static_cast<std::size_t>(batch);
  const std::int64_t tuple = indices[indices.rank() - 1];
  if (tuple < 1 || tuple > static_cast<std::int64_t>(x.rank() - b)) {
    fail("indices ", indices, " name tuples of ", tuple, ", expected 1 to ", x.rank() - b);
  }
  Shape out;
  for (std::size_t i = 0; i < b; ++i) {
    if (x[i] != indices[i]) fail("x ", x, " and indices ", indices, " have other batches");
  }
  for (std::size_t i = 0; i + 1 < indices.rank(); ++i) out = out.appended(indices[i]);
  for (std::size_t i = b + static_cast<std::size_t>(tuple); i < x.rank(); ++i) {
    out = out.appended(x[i]);
  }
  return {{out, in[0].dtype}};
}

void GatherND::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                       Context&) const {
  const Shape &in = x[0].shape(), &indices = x[1].shape();
  const auto b = static_cast<std::size_t>(options_.batch_dims);
  const auto tuple = static_cast<std::size_t>(indices[indices.rank() - 1]);
  const std::size_t slice =
      static_cast<std::size_t>(in.numel(b + tuple, in.rank())) * size_of(x[0].dtype());
  const std::int64_t batches = in.numel(0, b), each = in.numel(b, b + tuple);
  const std::int64_t tuples = indices.numel(b, indices.rank() - 1);
  const std::int64_t* index = x[1].as<std::int64_t>().data();
  const std::byte* from = x[0].bytes().data();
  std::byte* to = y[0].bytes().data();
  if (slice == 0) return;
  for (std::int64_t n = 0; n < batches; ++n) {
    for (std::int64_t t = 0; t < tuples; ++t) {
      std::int64_t place = 0;
      for (std::size_t i = 0; i < tuple; ++i, ++index) {
        const std::int64_t size = in[b + i];
        if (*index < -size || *index >= size) {
          fail("index ", *index, " is out of bounds for dimension ", b + i, " with size ", size);
        }
        place = place * size + (*index < 0 ? *index + size : *index);
      }
      std::memcpy(to, from + static_cast<std::size_t>(place) * slice, slice);
      to += slice;
    }
    from += static_cast<std::size_t>(each) * slice;
  }
}

bool GatherND::rows_independent(std::span<const TensorSpec>, std::span<const bool> batched) const {
  if (options_.batch_dims > 0) return batched[0] && batched[1];
  return !batched[0] && batched[1];
}

}  // namespace nn
