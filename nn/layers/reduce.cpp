#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <nn/kernels/mean.h>
#include <nn/layers/reduce.h>
#include <nn/layers/strides.h>

namespace nn {
namespace {

using Op = Reduce::Op;
// Elements that are reduced: nested loops, the innermost last.
struct Inner {
  std::size_t rank = 0;
  Dims size{}, stride{};
};

template <class T, class F>
void for_each_inner(const Inner& inner, const T* from, F f) {
  Dims at{};
  for (;;) {
    const std::size_t last = inner.rank - 1;
    const std::int64_t size = inner.size[last], stride = inner.stride[last];
    for (std::int64_t i = 0; i < size; ++i) f(from[i * stride]);
    std::size_t i = last;
    for (;;) {
      if (i == 0) return;
      --i;
      from += inner.stride[i];
      if (++at[i] < inner.size[i]) break;
      from -= inner.stride[i] * inner.size[i];
      at[i] = 0;
    }
  }
}

float reduce_floats(Op op, const Inner& inner, std::int64_t count, const float* from) {
  if (op == Op::amax || op == Op::amin) {
    float best = *from;
    for_each_inner(inner, from, [&](float value) {
      const bool better = op == Op::amax ? value > best : value < best;
      if (better || (std::isnan(value) && !std::isnan(best))) best = value;
    });
    return best;
  }
  double total = op == Op::prod ? 1 : 0;
  if (op == Op::prod) {
    for_each_inner(inner, from, [&](float value) { total *= static_cast<double>(value); });
  } else {
    for_each_inner(inner, from, [&](float value) { total += static_cast<double>(value); });
  }
  return static_cast<float>(op == Op::mean ? total / static_cast<double>(count) : total);
}

// x [matrices, rows, columns], of which the rows are reduced.
struct Block {
  std::int64_t matrices = 1, rows = 1, columns = 1;
};

// Nothing where the dimensions that are reduced are no neighbours.
std::optional<Block> block_of(const std::array<bool, Shape::max_rank>& goes, const Shape& shape) {
  std::size_t i = 0;
  Block block;
  for (; i < shape.rank() && !goes[i]; ++i) block.matrices *= shape[i];
  for (; i < shape.rank() && goes[i]; ++i) block.rows *= shape[i];
  for (; i < shape.rank() && !goes[i]; ++i) block.columns *= shape[i];
  if (i < shape.rank()) return std::nullopt;
  return block;
}

std::int64_t reduce_integers(Op op, const Inner& inner, const std::int64_t* from) {
  if (op == Op::amax || op == Op::amin) {
    std::int64_t best = *from;
    for_each_inner(inner, from, [&](std::int64_t value) {
      best = op == Op::amax ? std::max(best, value) : std::min(best, value);
    });
    return best;
  }
  std::uint64_t total = op == Op::prod ? 1 : 0;  // wraps
  for_each_inner(inner, from, [&](std::int64_t value) {
    const auto next = static_cast<std::uint64_t>(value);
    total = op == Op::prod ? total * next : total + next;
  });
  return static_cast<std::int64_t>(total);
}

}  // namespace

std::string_view Reduce::kind() const {
  constexpr std::array<std::string_view, 5> names{"sum", "mean", "amax", "amin", "prod"};
  return names[static_cast<std::size_t>(options_.op)];
}

std::vector<TensorSpec> Reduce::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = one_input(in);
  if (x.dtype == DType::int64 && options_.op == Op::mean) {
    fail(
        "mean(): could not infer output dtype. Input dtype must be either a floating point or "
        "complex dtype. Got: int64");
  }
  if (x.dtype != DType::float32 && x.dtype != DType::int64) {
    fail("expected an input of float32 or int64, got ", x.dtype);
  }
  const auto goes = chosen_dims(options_.dims, x.shape.rank());
  Shape out;
  for (std::size_t i = 0; i < x.shape.rank(); ++i) {
    const bool picks = options_.op == Op::amax || options_.op == Op::amin;
    if (goes[i] && picks && x.shape[i] == 0) {
      fail(kind(), "(): Expected reduction dim ", i, " to have non-zero size.");
    }
    if (!goes[i]) out = out.appended(x.shape[i]);
    if (goes[i] && options_.keepdim) out = out.appended(1);
  }
  return {{out, x.dtype}};
}

void Reduce::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                     Context&) const {
  const Shape& shape = x[0].shape();
  const auto goes = chosen_dims(options_.dims, shape.rank());
  const Dims strides = strides_of(shape);
  Inner inner, outer;
  std::int64_t count = 1;
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    Inner& loops = goes[i] ? inner : outer;
    loops.size[loops.rank] = shape[i];
    loops.stride[loops.rank++] = strides[i];
    if (goes[i]) count *= shape[i];
  }
  if (count == 0) inner = {1, {0}, {0}};
  if (inner.rank == 0) inner = {1, {1}, {0}};
  const auto block = options_.op == Op::mean ? block_of(goes, shape) : std::nullopt;
  if (block) {
    const float* const from = x[0].f32().data();
    float* const to = y[0].f32().data();
    if (block->columns == 1) return kernels::row_means(block->matrices, block->rows, from, to);
    return kernels::column_means(block->matrices, block->rows, block->columns, from, to);
  }
  Dims at{};
  std::int64_t begin = 0;
  for (std::int64_t n = 0; n < y[0].numel(); ++n) {
    const auto to = static_cast<std::size_t>(n);
    if (x[0].dtype() == DType::float32) {
      y[0].f32()[to] = reduce_floats(options_.op, inner, count, x[0].f32().data() + begin);
    } else {
      y[0].as<std::int64_t>()[to] =
          reduce_integers(options_.op, inner, x[0].as<std::int64_t>().data() + begin);
    }
    for (std::size_t i = outer.rank; i-- > 0;) {
      begin += outer.stride[i];
      if (++at[i] < outer.size[i]) break;
      begin -= outer.stride[i] * outer.size[i];
      at[i] = 0;
    }
  }
}

bool Reduce::rows_independent(std::span<const TensorSpec> in) const {
  const std::size_t rank = in[0].shape.rank();
  return rank > 0 && !chosen_dims(options_.dims, rank)[0];
}

std::string Reduce::extra_repr() const {
  const std::string dims = options_.dims.empty() ? "" : concat("dim=", joined(options_.dims));
  const std::string keep = options_.keepdim ? "keepdim=True" : "";
  return concat(dims, !dims.empty() && !keep.empty() ? ", " : "", keep);
}

}  // namespace nn
