#include <cstring>

#include <nn/layers/broadcast.h>
#include <nn/layers/strides.h>
#include <nn/layers/where.h>

namespace nn {

std::vector<TensorSpec> Where::outputs(std::span<const TensorSpec> in) const {
  if (in.size() != 3) fail("expected 3 inputs, got ", in.size());
  if (in[0].dtype != DType::boolean) {
    fail("where expected condition to be a boolean tensor, but got a tensor with dtype ",
         in[0].dtype);
  }
  if (in[1].dtype != in[2].dtype) {
    fail("expected inputs of one element type, got ", in[1].dtype, " and ", in[2].dtype);
  }
  return {{broadcast_shape(in[0].shape, broadcast_shape(in[1].shape, in[2].shape)), in[1].dtype}};
}

void Where::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                    Context&) const {
  const Shape& out = y[0].shape();
  const std::size_t item = size_of(y[0].dtype());
  const std::span<const bool> condition = x[0].as<bool>();
  const Dims c = repeated_strides(x[0].shape(), out.rank());
  const Dims a = repeated_strides(x[1].shape(), out.rank());
  const Dims b = repeated_strides(x[2].shape(), out.rank());
  Dims at{};
  std::int64_t ci = 0, ai = 0, bi = 0;
  std::byte* to = y[0].data();
  for (std::int64_t n = y[0].numel(); n > 0; --n, to += item) {
    const std::byte* const from = condition[static_cast<std::size_t>(ci)]
                                      ? x[1].data() + static_cast<std::size_t>(ai) * item
                                      : x[2].data() + static_cast<std::size_t>(bi) * item;
    std::memcpy(to, from, item);
    for (std::size_t i = out.rank(); i-- > 0;) {
      ci += c[i], ai += a[i], bi += b[i];
      if (++at[i] < out[i]) break;
      ci -= c[i] * out[i], ai -= a[i] * out[i], bi -= b[i] * out[i];
      at[i] = 0;
    }
  }
}

bool Where::rows_independent(std::span<const TensorSpec> in, std::span<const bool> batched) const {
  return broadcast_rows_independent(in, batched);
}

}  // namespace nn
