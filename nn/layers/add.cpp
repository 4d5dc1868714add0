#include <nn/kernels/binary.h>
#include <nn/layers/add.h>
#include <nn/layers/broadcast.h>

namespace nn {

std::vector<TensorSpec> Add::outputs(std::span<const TensorSpec> in) const {
  return broadcast_outputs(in);
}

void Add::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                  Context&) const {
  kernels::add(broadcast_loops(x[0].shape(), x[1].shape()), static_cast<float>(options_.alpha),
               x[0].f32(), x[1].f32(), y[0].f32());
}

bool Add::rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const {
  return broadcast_rows_independent(in, batched);
}

std::string Add::extra_repr() const {
  return options_.alpha == 1 ? "" : concat("alpha=", options_.alpha);
}

}  // namespace nn
