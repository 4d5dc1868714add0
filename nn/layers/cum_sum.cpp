#include <nn/layers/cum_sum.h>
#include <nn/layers/softmax.h>
#include <nn/layers/strides.h>

namespace nn {
namespace {

template <class Sum, class T>
void sums(const kernels::RowLayout& rows, std::span<const T> x, std::span<T> y) {
  for (std::size_t outer = 0; outer < rows.outer; ++outer) {
    for (std::size_t inner = 0; inner < rows.inner; ++inner) {
      const std::size_t begin = outer * rows.size * rows.inner + inner;
      Sum sum = 0;
      for (std::size_t i = 0; i < rows.size; ++i) {
        sum += static_cast<Sum>(x[begin + i * rows.inner]);
        y[begin + i * rows.inner] = static_cast<T>(sum);
      }
    }
  }
}

}  // namespace

std::vector<TensorSpec> CumSum::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = one_input(in);
  if (x.dtype != DType::float32 && x.dtype != DType::int64) {
    fail("expected an input of float32 or int64, got ", x.dtype);
  }
  normalize_dim(options_.dim, x.shape.rank());
  return {x};
}

void CumSum::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                     Context&) const {
  const kernels::RowLayout rows = softmax_layout(x[0].shape(), options_.dim);
  if (x[0].dtype() == DType::float32) {
    sums<double>(rows, x[0].f32(), y[0].f32());
  } else {
    sums<std::uint64_t>(rows, x[0].as<std::int64_t>(), y[0].as<std::int64_t>());
  }
}

bool CumSum::rows_independent(std::span<const TensorSpec> in) const {
  const std::size_t rank = in[0].shape.rank();
  return rank > 0 && normalize_dim(options_.dim, rank) != 0;
}

}  // namespace nn
