#include <nn/error.h>
#include <nn/layers/adaptive_size.h>

namespace nn {
namespace {

std::string side(std::optional<std::int64_t> size) { return size ? to_text(*size) : "None"; }

}  // namespace

Shape AdaptiveSize::of(const Shape& in) const {
  const std::size_t rank = in.rank();
  return in.with(rank - 2, h.value_or(in[rank - 2])).with(rank - 1, w.value_or(in[rank - 1]));
}

void require_adaptive_size(std::string_view kind, const AdaptiveSize& size) {
  if (size.h.value_or(0) >= 0 && size.w.value_or(0) >= 0) return;
  fail(kind, ": elements of output_size must be greater than or equal to 0 but received {",
       side(size.h), ", ", side(size.w), "}");
}

std::string to_text(const AdaptiveSize& size) {
  return concat("(", side(size.h), ", ", side(size.w), ")");
}

kernels::PoolPlane adaptive_plane(const Shape& in, const Shape& out) {
  const std::size_t rank = in.rank();
  kernels::PoolPlane plane;
  plane.h.in = in[rank - 2];
  plane.h.out = out[rank - 2];
  plane.w.in = in[rank - 1];
  plane.w.out = out[rank - 1];
  return plane;
}

}  // namespace nn
