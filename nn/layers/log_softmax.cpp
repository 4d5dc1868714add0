#include <nn/layers/log_softmax.h>
#include <nn/layers/softmax.h>

namespace nn {

Shape LogSoftmax::output_shape(const Shape& in) const {
  softmax_layout(in, options_.dim);
  return in;
}

void LogSoftmax::forward(ConstTensorView x, TensorView y) const {
  kernels::log_softmax(softmax_layout(x.shape(), options_.dim), x.f32(), y.f32());
}

bool LogSoftmax::rows_independent(const Shape& in) const {
  return Softmax({.dim = options_.dim}).rows_independent(in);
}

std::string LogSoftmax::extra_repr() const { return Softmax({.dim = options_.dim}).extra_repr(); }

}  // namespace nn
