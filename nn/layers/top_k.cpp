#include <algorithm>

#include <nn/layers/repr.h>
#include <nn/layers/strides.h>
#include <nn/layers/top_k.h>

namespace nn {
namespace {

// Does a stand before b?
template <class T>
bool before(T a, T b, bool largest) {
  const bool a_nan = a != a, b_nan = b != b;
  if (a_nan || b_nan) return largest ? a_nan && !b_nan : b_nan && !a_nan;
  return largest ? a > b : a < b;
}

// One row of elements that are `stride` apart.
template <class T>
void choose(const T* from, std::span<std::int64_t> order, std::int64_t stride, bool largest,
            std::int64_t k, T* values, std::int64_t* places) {
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
  std::partial_sort(order.begin(), order.begin() + k, order.end(),
                    [&](std::int64_t a, std::int64_t b) {
                      const T x = from[a * stride], y = from[b * stride];
                      return before(x, y, largest) || (!before(y, x, largest) && a < b);
                    });
  for (std::int64_t i = 0; i < k; ++i) {
    places[i * stride] = order[static_cast<std::size_t>(i)];
    values[i * stride] = from[places[i * stride] * stride];
  }
}

template <class T>
void choose_rows(const TopK::Options& o, std::size_t dim, ConstTensorView x, TensorView values,
                 TensorView places, std::span<std::int64_t> order) {
  const Shape& shape = x.shape();
  const std::int64_t stride = shape.numel(dim + 1, shape.rank()), size = shape[dim];
  const std::int64_t outer = shape.numel(0, dim);
  for (std::int64_t i = 0; i < outer; ++i) {
    for (std::int64_t j = 0; j < stride; ++j) {
      const std::int64_t to = i * o.k * stride + j;
      choose(x.as<T>().data() + i * size * stride + j, order, stride, o.largest, o.k,
             values.as<T>().data() + to, places.as<std::int64_t>().data() + to);
    }
  }
}

}  // namespace

std::vector<TensorSpec> TopK::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = one_input(in);
  if (x.dtype != DType::float32 && x.dtype != DType::int64) {
    fail("expected an input of float32 or int64, got ", x.dtype);
  }
  if (x.shape.rank() == 0) fail("expected an input of 1 or more dimensions, got a scalar");
  const std::size_t dim = normalize_dim(options_.dim, x.shape.rank());
  if (options_.k < 0 || options_.k > x.shape[dim]) {
    fail("selected index k out of range: k is ", options_.k, ", dimension ", dim, " has size ",
         x.shape[dim]);
  }
  const Shape out = x.shape.with(dim, options_.k);
  return {{out, x.dtype}, {out, DType::int64}};
}

std::size_t TopK::scratch_bytes(std::span<const TensorSpec> in) const {
  const Shape& shape = in[0].shape;
  return static_cast<std::size_t>(shape[normalize_dim(options_.dim, shape.rank())]) *
         sizeof(std::int64_t);
}

void TopK::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                   Context& context) const {
  const std::size_t dim = normalize_dim(options_.dim, x[0].shape().rank());
  const std::span<std::int64_t> order(reinterpret_cast<std::int64_t*>(context.scratch().data()),
                                      static_cast<std::size_t>(x[0].shape()[dim]));
  if (x[0].dtype() == DType::float32) {
    choose_rows<float>(options_, dim, x[0], y[0], y[1], order);
  } else {
    choose_rows<std::int64_t>(options_, dim, x[0], y[0], y[1], order);
  }
}

bool TopK::rows_independent(std::span<const TensorSpec> in) const {
  return normalize_dim(options_.dim, in[0].shape.rank()) != 0;
}

std::string TopK::extra_repr() const {
  return concat(options_.k, ", dim=", options_.dim, ", largest=", repr(options_.largest));
}

}  // namespace nn
