#include <algorithm>
#include <optional>

#include <nn/checked.h>
#include <nn/kernels/copy.h>
#include <nn/layers/reshape.h>

namespace nn {

Reshape::Reshape(const Options& options) : options_(options) {
  const std::vector<std::int64_t>& shape = options_.shape;
  if (shape.size() > Shape::max_rank) {
    fail("Reshape: expected at most ", Shape::max_rank, " dimensions, got ", shape.size());
  }
  bool inferred = false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == -1) {
      if (inferred) fail("Reshape: only one dimension can be inferred");
      inferred = true;
    } else if (shape[i] < 0) {
      fail("Reshape: invalid shape dimension ", shape[i], " at index ", i, " of shape [",
           extra_repr(), "]");
    }
  }
}

Shape Reshape::output_shape(const Shape& in) const {
  const std::int64_t numel = in.numel();
  std::vector<std::int64_t> sizes = options_.shape;
  const auto inferred = std::ranges::find(sizes, -1);
  std::optional<std::int64_t> known = 1;  // the product of the other sizes, while it fits 64 bits
  for (const std::int64_t size : sizes) {
    if (size != -1 && known) known = checked_multiply(*known, size);
  }
  if (inferred != sizes.end()) {
    if (known == 0 && numel == 0) {
      fail("cannot reshape tensor of 0 elements into shape [", extra_repr(),
           "] because the unspecified dimension size -1 can be any value and is ambiguous");
    }
    if (known && *known > 0 && numel % *known == 0) {
      *inferred = numel / *known;
      return Shape(sizes);
    }
  } else if (known == numel) {
    return Shape(sizes);
  }
  fail("shape '[", extra_repr(), "]' is invalid for input of size ", numel);
}

void Reshape::forward(ConstTensorView x, TensorView y) const {
  kernels::copy(x.bytes(), y.bytes());
}

bool Reshape::rows_independent(const Shape& in) const {
  if (in.rank() == 0 || options_.shape.empty() || options_.shape[0] != -1) return false;
  return output_shape(in)[0] == in[0];
}

std::string Reshape::extra_repr() const {
  std::string text;
  for (const std::int64_t size : options_.shape) {
    text += concat(text.empty() ? "" : ", ", size);
  }
  return text;
}

}  // namespace nn
