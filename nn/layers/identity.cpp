#include <nn/kernels/copy.h>
#include <nn/layers/identity.h>

namespace nn {

void Identity::forward(ConstTensorView x, TensorView y) const {
  kernels::copy(x.bytes(), y.bytes());
}

}  // namespace nn
