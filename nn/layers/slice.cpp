#include <algorithm>

#include <nn/layers/slice.h>
#include <nn/layers/strides.h>

namespace nn {
namespace {

struct Range {
  std::int64_t first, count;
};

Range range_of(const Slice::Options& options, std::int64_t size) {
  const auto within = [&](std::int64_t index) {
    return std::clamp<std::int64_t>(index < 0 ? index + size : index, 0, size);
  };
  const std::int64_t first = within(options.start);
  const std::int64_t elements = std::max<std::int64_t>(within(options.end) - first, 0);
  return {first, elements == 0 ? 0 : (elements - 1) / options.step + 1};
}

std::size_t dim_of(const Slice::Options& options, const Shape& shape) {
  if (shape.rank() == 0) fail("slice() cannot be applied to a 0-dim tensor.");
  return normalize_dim(options.dim, shape.rank());
}

}  // namespace

std::vector<TensorSpec> Slice::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = one_input(in);
  const std::size_t dim = dim_of(options_, x.shape);
  if (options_.step <= 0) fail("slice step must be positive");
  return {{x.shape.with(dim, range_of(options_, x.shape[dim]).count), x.dtype}};
}

void Slice::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                    Context&) const {
  const std::size_t dim = dim_of(options_, x[0].shape());
  Dims strides = strides_of(x[0].shape());
  const std::int64_t offset = range_of(options_, x[0].shape()[dim]).first * strides[dim];
  // A step that one element is left of may be beyond any product.
  strides[dim] = y[0].shape()[dim] > 1 ? strides[dim] * options_.step : 0;
  copy_strided(x[0], strides, offset, y[0]);
}

bool Slice::rows_independent(std::span<const TensorSpec> in) const {
  return dim_of(options_, in[0].shape) != 0;
}

std::string Slice::extra_repr() const {
  const std::string end = options_.end == INT64_MAX ? "" : concat(options_.end);
  const std::string step = options_.step == 1 ? "" : concat(":", options_.step);
  return concat("dim=", options_.dim, ", ", options_.start, ":", end, step);
}

}  // namespace nn
