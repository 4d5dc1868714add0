#include <algorithm>

#include <nn/layers/permute.h>
#include <nn/layers/strides.h>

namespace nn {
namespace {

Dims normalized(std::span<const std::int64_t> dims, std::size_t rank) {
  if (dims.size() != rank) {
    fail(
        "permute(sparse_coo): number of dimensions in the tensor input does not match the length "
        "of the desired ordering of dimensions i.e. input.dim() = ",
        rank, " is not equal to len(dims) = ", dims.size());
  }
  Dims result{};
  for (std::size_t i = 0; i < rank; ++i) {
    result[i] = static_cast<std::int64_t>(normalize_dim(dims[i], rank));
    if (std::ranges::count(std::span(result).first(i), result[i]) > 0) {
      fail("permute(): duplicate dims are not allowed.");
    }
  }
  return result;
}

}  // namespace

std::vector<TensorSpec> Permute::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = one_input(in);
  const Dims dims = normalized(options_.dims, x.shape.rank());
  Shape out = x.shape;
  for (std::size_t i = 0; i < out.rank(); ++i) {
    out = out.with(i, x.shape[static_cast<std::size_t>(dims[i])]);
  }
  return {{out, x.dtype}};
}

void Permute::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                      Context&) const {
  const std::size_t rank = x[0].shape().rank();
  const Dims dims = normalized(options_.dims, rank);
  const Dims from = strides_of(x[0].shape());
  Dims strides{};
  for (std::size_t i = 0; i < rank; ++i) strides[i] = from[static_cast<std::size_t>(dims[i])];
  copy_strided(x[0], strides, 0, y[0]);
}

bool Permute::rows_independent(std::span<const TensorSpec> in) const {
  const std::size_t rank = in[0].shape.rank();
  return rank > 0 && normalized(options_.dims, rank)[0] == 0;
}

std::string Permute::extra_repr() const { return joined(options_.dims); }

}  // namespace nn
