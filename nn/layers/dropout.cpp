#include <nn/kernels/copy.h>
#include <nn/layers/dropout.h>
#include <nn/layers/repr.h>

namespace nn {

Dropout::Dropout(const Options& options) : options_(options) {
  if (!(options.p >= 0 && options.p <= 1)) {
    fail("dropout probability has to be between 0 and 1, but got ", repr(options.p));
  }
}

void Dropout::forward(ConstTensorView x, TensorView y) const {
  kernels::copy(x.bytes(), y.bytes());
}

std::string Dropout::extra_repr() const {
  return concat("p=", repr(options_.p), ", inplace=", repr(options_.inplace));
}

}  // namespace nn
