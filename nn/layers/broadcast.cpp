#include <algorithm>

#include <nn/layers/broadcast.h>

namespace nn {
namespace {

// The size of `shape` at dimension i of an output of that rank; 1 where it has none.
std::int64_t size_at(const Shape& shape, std::size_t i, std::size_t rank) {
  const std::size_t missing = rank - shape.rank();
  return i < missing ? 1 : shape[i - missing];
}

}  // namespace

Shape broadcast_shape(const Shape& a, const Shape& b) {
  const std::size_t rank = std::max(a.rank(), b.rank());
  Shape out;
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t p = size_at(a, i, rank);
    const std::int64_t q = size_at(b, i, rank);
    if (p != q && p != 1 && q != 1) {
      fail("The size of tensor a (", p, ") must match the size of tensor b (", q,
           ") at non-singleton dimension ", i);
    }
    out = out.appended(p == 1 ? q : p);
  }
  return out;
}

Shape matrices_of(const Shape& shape) {
  Shape out;
  for (std::size_t i = 0; i + 2 < shape.rank(); ++i) out = out.appended(shape[i]);
  return out;
}

std::vector<TensorSpec> broadcast_outputs(std::span<const TensorSpec> in) {
  if (in.size() != 2) fail("expected 2 inputs, got ", in.size());
  for (const TensorSpec& spec : in) {
    if (spec.dtype != DType::float32) fail("expected inputs of float32, got ", spec.dtype);
  }
  return {{broadcast_shape(in[0].shape, in[1].shape), DType::float32}};
}

bool broadcast_rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) {
  std::size_t rank = 0;
  for (const TensorSpec& spec : in) rank = std::max(rank, spec.shape.rank());
  if (rank == 0) return false;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const Shape& shape = in[i].shape;
    if (batched[i] && shape.rank() != rank) return false;
    if (!batched[i] && shape.rank() == rank && shape[0] != 1) return false;
  }
  return true;
}

kernels::BroadcastLoops broadcast_loops(const Shape& a, const Shape& b) {
  const std::size_t rank = std::max(a.rank(), b.rank());
  // From the innermost dimension outwards: joined with the loop before where both inputs go on just
  // behind what that loop has walked, or both repeat.
  struct Loop {
    std::size_t size, a_stride, b_stride;
  };
  std::array<Loop, Shape::max_rank> loops{};
  std::size_t count = 0;
  std::size_t a_stride = 1;
  std::size_t b_stride = 1;
  for (std::size_t i = rank; i-- > 0;) {
    const auto p = static_cast<std::size_t>(size_at(a, i, rank));
    const auto q = static_cast<std::size_t>(size_at(b, i, rank));
    const Loop next{p == 1 ? q : p, p == 1 ? 0 : a_stride, q == 1 ? 0 : b_stride};
    a_stride *= p;
    b_stride *= q;
    if (next.size == 1) continue;
    if (count > 0) {
      Loop& inner = loops[count - 1];
      if (next.a_stride == inner.a_stride * inner.size &&
          next.b_stride == inner.b_stride * inner.size) {
        inner.size *= next.size;
        continue;
      }
    }
    loops[count++] = next;
  }
  kernels::BroadcastLoops result;
  result.rank = count;
  for (std::size_t i = 0; i < count; ++i) {
    const Loop& loop = loops[count - 1 - i];
    result.size[i] = loop.size;
    result.a_stride[i] = loop.a_stride;
    result.b_stride[i] = loop.b_stride;
  }
  return result;
}

}  // namespace nn
