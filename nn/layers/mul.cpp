#include <nn/kernels/binary.h>
#include <nn/layers/broadcast.h>
#include <nn/layers/mul.h>

namespace nn {

std::vector<TensorSpec> Mul::outputs(std::span<const TensorSpec> in) const {
  return broadcast_outputs(in);
}

void Mul::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                  Context&) const {
  kernels::multiply(broadcast_loops(x[0].shape(), x[1].shape()), x[0].f32(), x[1].f32(),
                    y[0].f32());
}

bool Mul::rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const {
  return broadcast_rows_independent(in, batched);
}

}  // namespace nn
