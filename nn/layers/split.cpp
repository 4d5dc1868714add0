#include <algorithm>

#include <nn/checked.h>
#include <nn/layers/split.h>
#include <nn/layers/strides.h>

namespace nn {
namespace {

// The size of part i of a dimension of that size.
std::int64_t part_size(const Split::Options& options, std::int64_t size, std::size_t i) {
  if (!options.sizes.empty()) return options.sizes[i];
  const std::int64_t each = (size + options.chunks - 1) / options.chunks;
  const auto before = static_cast<std::int64_t>(i) * each;
  return std::clamp<std::int64_t>(size - before, 0, each);
}

}  // namespace

std::size_t Split::output_count() const {
  return options_.sizes.empty()
             ? static_cast<std::size_t>(std::max<std::int64_t>(options_.chunks, 0))
             : options_.sizes.size();
}

std::vector<TensorSpec> Split::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = one_input(in);
  if (x.shape.rank() == 0) fail("split expects at least a 1-dimensional tensor");
  const std::size_t dim = normalize_dim(options_.dim, x.shape.rank());
  const std::int64_t size = x.shape[dim];
  if (options_.sizes.empty() && options_.chunks <= 0) {
    fail("chunk expects `chunks` to be greater than 0, got: ", options_.chunks);
  }
  std::optional<std::int64_t> sum = 0;
  for (const std::int64_t part : options_.sizes) {
    if (part < 0) {
      fail(
          "split_with_sizes expects split_sizes have only non-negative entries, but got "
          "split_sizes=[",
          joined(options_.sizes), "]");
    }
    if (sum) sum = checked_add(*sum, part);
  }
  if (!options_.sizes.empty() && sum != size) {
    fail("split_with_sizes expects split_sizes to sum exactly to ", size,
         " (input tensor's size at dimension ", dim, "), but got split_sizes=[",
         joined(options_.sizes), "]");
  }
  std::vector<TensorSpec> out;
  for (std::size_t i = 0; i < output_count(); ++i) {
    const std::int64_t part = part_size(options_, size, i);
    // PyTorch gives fewer parts then, which a graph of so many outputs cannot.
    if (options_.sizes.empty() && part == 0 && size > 0) {
      fail("chunk: dimension ", dim, " of size ", size, " has no ", options_.chunks, " parts");
    }
    out.push_back({x.shape.with(dim, part), x.dtype});
  }
  return out;
}

void Split::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                    Context&) const {
  const Dims strides = strides_of(x[0].shape());
  const std::size_t dim = normalize_dim(options_.dim, x[0].shape().rank());
  std::int64_t begin = 0;
  for (const TensorView& part : y) {
    copy_strided(x[0], strides, begin * strides[dim], part);
    begin += part.shape()[dim];
  }
}

bool Split::rows_independent(std::span<const TensorSpec> in) const {
  return normalize_dim(options_.dim, in[0].shape.rank()) != 0;
}

std::string Split::extra_repr() const {
  return options_.sizes.empty() ? concat("chunks=", options_.chunks, ", dim=", options_.dim)
                                : concat(joined(options_.sizes), ", dim=", options_.dim);
}

}  // namespace nn
