#include <nn/layers/arg_max.h>
#include <nn/layers/softmax.h>
#include <nn/layers/strides.h>

namespace nn {
namespace {

kernels::RowLayout layout_of(const Shape& shape, std::optional<std::int64_t> dim) {
  if (dim) return softmax_layout(shape, dim);
  return {1, static_cast<std::size_t>(shape.numel()), 1};
}

template <class T>
void places(const kernels::RowLayout& rows, bool largest, std::span<const T> x,
            std::span<std::int64_t> y) {
  for (std::size_t outer = 0; outer < rows.outer; ++outer) {
    for (std::size_t inner = 0; inner < rows.inner; ++inner) {
      const T* const row = x.data() + outer * rows.size * rows.inner + inner;
      std::size_t best = 0;
      for (std::size_t i = 1; i < rows.size; ++i) {
        const T value = row[i * rows.inner], kept = row[best * rows.inner];
        const bool is_nan = value != value && kept == kept;
        if (is_nan || (largest ? value > kept : value < kept)) best = i;
      }
      y[outer * rows.inner + inner] = static_cast<std::int64_t>(best);
    }
  }
}

}  // namespace

std::vector<TensorSpec> ArgMax::outputs(std::span<const TensorSpec> in) const {
  const auto& [shape, dtype] = one_input(in);
  if (dtype != DType::float32 && dtype != DType::int64) {
    fail("expected an input of float32 or int64, got ", dtype);
  }
  if (!options_.dim) {
    if (shape.numel() == 0) {
      fail(kind(),
           "(): Expected reduction dim to be specified for input.numel() == 0. Specify the ",
           "reduction dim with the 'dim' argument.");
    }
    Shape out;
    for (std::size_t i = 0; options_.keepdim && i < shape.rank(); ++i) out = out.appended(1);
    return {{out, DType::int64}};
  }
  const std::size_t dim = normalize_dim(*options_.dim, shape.rank());
  if (shape.rank() == 0) return {{shape, DType::int64}};
  if (shape[dim] == 0) {
    fail(kind(), "(): Expected reduction dim ", dim, " to have non-zero size.");
  }
  return {{options_.keepdim ? shape.with(dim, 1) : shape.without(dim), DType::int64}};
}

void ArgMax::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                     Context&) const {
  const kernels::RowLayout rows = layout_of(x[0].shape(), options_.dim);
  const bool largest = options_.op == Op::argmax;
  const auto to = y[0].as<std::int64_t>();
  if (x[0].dtype() == DType::float32) {
    places(rows, largest, x[0].f32(), to);
  } else {
    places(rows, largest, x[0].as<std::int64_t>(), to);
  }
}

bool ArgMax::rows_independent(std::span<const TensorSpec> in) const {
  const std::size_t rank = in[0].shape.rank();
  return options_.dim && rank > 0 && normalize_dim(*options_.dim, rank) != 0;
}

std::string ArgMax::extra_repr() const {
  if (!options_.dim) return options_.keepdim ? "keepdim=True" : "";
  return concat("dim=", *options_.dim, options_.keepdim ? ", keepdim=True" : "");
}

}  // namespace nn
