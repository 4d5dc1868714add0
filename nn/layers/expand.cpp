#include <nn/layers/expand.h>
#include <nn/layers/strides.h>

namespace nn {

std::vector<TensorSpec> Expand::outputs(std::span<const TensorSpec> in) const {
  const std::size_t count = inputs_read();
  if (in.size() != count && in.size() != 2) {
    fail("expected ", count, " inputs, got ", in.size());
  }
  const Shape& x = in[0].shape;
  std::vector<std::int64_t> sizes = options_.sizes;
  if (options_.rows_of_input) {
    if (sizes.empty() || in[1].shape.rank() == 0) fail("expected a batch in front, got a scalar");
    sizes[0] = in[1].shape[0];
  }
  if (sizes.size() < x.rank()) {
    fail("expand(torch.FloatTensor{", x, "}, size=[", joined(sizes),
         "]): the number of sizes provided (", sizes.size(),
         ") must be greater or equal to the number of dimensions in the tensor (", x.rank(), ")");
  }
  const std::size_t added = sizes.size() - x.rank();
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (i < added) {
      if (sizes[i] >= 0) continue;
      fail("The expanded size of the tensor (", sizes[i],
           ") isn't allowed in a leading, non-existing dimension ", i);
    }
    const std::int64_t size = x[i - added];
    if (sizes[i] == -1) sizes[i] = size;
    if (sizes[i] < 0 || (sizes[i] != size && size != 1)) {
      fail("The expanded size of the tensor (", sizes[i], ") must match the existing size (", size,
           ") at non-singleton dimension ", i, ".  Target sizes: [", joined(options_.sizes),
           "].  Tensor sizes: ", x);
    }
  }
  return {{Shape(sizes), in[0].dtype}};
}

void Expand::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                     Context&) const {
  copy_strided(x[0], repeated_strides(x[0].shape(), y[0].shape().rank()), 0, y[0]);
}

bool Expand::rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const {
  const std::vector<std::int64_t>& sizes = options_.sizes;
  if (options_.rows_of_input) {
    // Rows of its own in dim 0, or none and the same for all.
    const bool own = in[0].shape.rank() == sizes.size();
    return batched[1] && (batched[0] ? own : !own || in[0].shape[0] == 1);
  }
  return sizes.size() == in[0].shape.rank() && !sizes.empty() && sizes[0] == -1;
}

std::string Expand::extra_repr() const { return joined(options_.sizes); }

}  // namespace nn
