#include <algorithm>

#include <nn/kernels/gemm.h>
#include <nn/layers/broadcast.h>
#include <nn/layers/matmul.h>
#include <nn/layers/strides.h>

namespace nn {
namespace {

// The product with both inputs as stacks of matrices: [batch, m, k] by [batch, k, n].
struct Product {
  Shape batch;                  // of the output
  Dims a_stride{}, b_stride{};  // matrices between neighbours in the batch, 0 where repeated
  std::int64_t m = 1, k = 1, n = 1;
};

Product product_of(const Shape& a, const Shape& b) {
  if (a.rank() == 0 || b.rank() == 0) {
    fail("both arguments to matmul need to be at least 1D, but they are ", a.rank(), "D and ",
         b.rank(), "D");
  }
  Product p;
  p.m = a.rank() == 1 ? 1 : a[a.rank() - 2];
  p.k = a[a.rank() - 1];
  p.n = b.rank() == 1 ? 1 : b[b.rank() - 1];
  const std::int64_t other = b[b.rank() == 1 ? 0 : b.rank() - 2];
  if (p.k != other) {
    fail("mat1 and mat2 shapes cannot be multiplied (", p.m, "x", p.k, " and ", other, "x", p.n,
         ")");
  }
  for (const std::int64_t size : {p.m, p.k, p.n}) {
    if (size > kernels::largest_gemm_size) {
      fail("a matrix has at most ", kernels::largest_gemm_size, " rows or columns, got ", size);
    }
  }
  const Shape a_batch = matrices_of(a), b_batch = matrices_of(b);
  p.batch = broadcast_shape(a_batch, b_batch);
  p.a_stride = repeated_strides(a_batch, p.batch.rank());
  p.b_stride = repeated_strides(b_batch, p.batch.rank());
  return p;
}

}  // namespace

std::vector<TensorSpec> MatMul::outputs(std::span<const TensorSpec> in) const {
  if (in.size() != 2) fail("expected 2 inputs, got ", in.size());
  for (const TensorSpec& spec : in) {
    if (spec.dtype != DType::float32) fail("expected inputs of float32, got ", spec.dtype);
  }
  const Product p = product_of(in[0].shape, in[1].shape);
  Shape out = p.batch;
  if (in[0].shape.rank() > 1) out = out.appended(p.m);
  if (in[1].shape.rank() > 1) out = out.appended(p.n);
  return {{out, DType::float32}};
}

// A call has one shape whatever the batch, so that a row's bits do not depend on it.
void MatMul::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                     Context& context) const {
  const Product p = product_of(x[0].shape(), x[1].shape());
  const std::int64_t count = p.batch.numel();
  if (y[0].numel() == 0) return;
  const float* const a = x[0].f32().data();
  const float* const b = x[1].f32().data();
  float* const c = y[0].f32().data();
  const auto some = [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      std::int64_t at_a = 0, at_b = 0, rest = i;
      for (std::size_t d = p.batch.rank(); d-- > 0;) {
        const std::int64_t index = rest % p.batch[d];
        rest /= p.batch[d];
        at_a += index * p.a_stride[d];
        at_b += index * p.b_stride[d];
      }
      kernels::gemm(p.m, p.n, p.k, {a + at_a * p.m * p.k, std::max<std::int64_t>(p.k, 1)},
                    {b + at_b * p.k * p.n, p.n}, c + i * p.m * p.n, p.n);
    }
  };
  const double operations = static_cast<double>(p.m) * static_cast<double>(p.k) *
                            static_cast<double>(p.n) * static_cast<double>(count);
  constexpr double worth_a_thread = 1e6;
  const auto parts = static_cast<std::int64_t>(
      std::clamp(operations / worth_a_thread, 1.0,
                 static_cast<double>(std::min<std::int64_t>(context.threads(), count))));
  context.share(
      parts, [&](std::int64_t i, Context&) { some(i * count / parts, (i + 1) * count / parts); });
}

// Rows are matrices of a stack, or the left one's rows are summed alike in any number of them: only
// the former is promised.
bool MatMul::rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const {
  const std::size_t rank = std::max(in[0].shape.rank(), in[1].shape.rank());
  return rank >= 3 && broadcast_rows_independent(in, batched);
}

std::int64_t MatMul::multiply_adds(std::span<const TensorSpec> in) const {
  const Product p = product_of(in[0].shape, in[1].shape);
  return p.batch.numel() * p.m * p.k * p.n;
}

}  // namespace nn
