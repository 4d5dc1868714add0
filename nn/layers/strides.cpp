#include <nn/kernels/strided_copy.h>
#include <nn/layers/strides.h>

namespace nn {

Dims strides_of(const Shape& shape) {
  Dims strides{};
  std::int64_t stride = 1;
  for (std::size_t i = shape.rank(); i-- > 0;) {
    strides[i] = stride;
    stride *= shape[i];
  }
  return strides;
}

Dims repeated_strides(const Shape& shape, std::size_t rank) {
  const Dims own = strides_of(shape);
  const std::size_t missing = rank - shape.rank();
  Dims strides{};
  for (std::size_t i = 0; i < shape.rank(); ++i) strides[i + missing] = shape[i] == 1 ? 0 : own[i];
  return strides;
}

std::array<bool, Shape::max_rank> chosen_dims(std::span<const std::int64_t> dims,
                                              std::size_t rank) {
  std::array<bool, Shape::max_rank> chosen{};
  for (const std::int64_t dim : dims) {
    const std::size_t at = normalize_dim(dim, rank);
    if (chosen[at]) fail("dim ", at, " appears multiple times in the list of dims");
    chosen[at] = true;
  }
  if (dims.empty()) chosen.fill(true);
  return chosen;
}

void copy_strided(ConstTensorView x, const Dims& strides, std::int64_t offset, TensorView y) {
  if (y.numel() == 0) return;
  kernels::StridedLoops loops;
  loops.offset = offset;
  for (std::size_t i = 0; i < y.shape().rank(); ++i) loops.add(y.shape()[i], strides[i]);
  kernels::strided_copy(loops, size_of(y.dtype()), x.bytes(), y.bytes());
}

const TensorSpec& one_input(std::span<const TensorSpec> in) {
  if (in.size() != 1) fail("expected 1 input, got ", in.size());
  return in[0];
}

std::string joined(std::span<const std::int64_t> numbers) {
  std::string text;
  for (const std::int64_t number : numbers) text += concat(text.empty() ? "" : ", ", number);
  return text;
}

}  // namespace nn
