#include <algorithm>
#include <cstring>

#include <nn/checked.h>
#include <nn/layers/concat.h>

namespace nn {
namespace {

// PyTorch leaves these out, whatever the others' rank.
bool left_out(const Shape& shape) { return shape.rank() == 1 && shape[0] == 0; }

}  // namespace

std::vector<TensorSpec> Concat::outputs(std::span<const TensorSpec> in) const {
  if (in.empty()) fail("torch.cat(): expected a non-empty list of Tensors");
  const TensorSpec* first = nullptr;
  Shape out;
  std::size_t dim = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const Shape& shape = in[i].shape;
    if (in[i].dtype != in[0].dtype) {
      fail("expected inputs of one element type, got ", in[0].dtype, " and ", in[i].dtype);
    }
    if (shape.rank() == 0) {
      fail("zero-dimensional tensor (at position ", i, ") cannot be concatenated");
    }
    if (left_out(shape)) continue;
    if (!first) {
      first = &in[i];
      out = shape;
      dim = normalize_dim(options_.dim, shape.rank());
      continue;
    }
    if (shape.rank() != out.rank()) {
      fail("Tensors must have same number of dimensions: got ", out.rank(), " and ", shape.rank());
    }
    for (std::size_t d = 0; d < shape.rank(); ++d) {
      if (d != dim && shape[d] != out[d]) {
        fail("Sizes of tensors must match except in dimension ", dim, ". Expected size ", out[d],
             " but got size ", shape[d], " for tensor number ", i, " in the list.");
      }
    }
    const auto size = checked_add(out[dim], shape[dim]);
    if (!size) fail("the sizes of these tensors do not fit 64 bits");
    out = out.with(dim, *size);
  }
  if (!first) {
    normalize_dim(options_.dim, 1);
    return {in[0]};
  }
  return {{out, in[0].dtype}};
}

void Concat::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                     Context&) const {
  const TensorView& out = y[0];
  if (out.numel() == 0) return;
  const std::size_t dim = normalize_dim(options_.dim, out.shape().rank());
  // Each input is `outer` pieces; the output takes one of each in turn.
  const auto outer = static_cast<std::size_t>(out.shape().numel(0, dim));
  const std::size_t step = out.nbytes() / outer;
  std::byte* start = out.data();
  for (const ConstTensorView& part : x) {
    const std::size_t piece = part.nbytes() / outer;
    if (piece == 0) continue;
    for (std::size_t i = 0; i < outer; ++i) {
      std::memcpy(start + i * step, part.data() + i * piece, piece);
    }
    start += piece;
  }
}

bool Concat::rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const {
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (!batched[i] || left_out(in[i].shape)) return false;
  }
  return normalize_dim(options_.dim, in[0].shape.rank()) != 0;
}

std::string Concat::extra_repr() const { return concat("dim=", options_.dim); }

}  // namespace nn
