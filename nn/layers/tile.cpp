#include <cstring>

#include <nn/checked.h>
#include <nn/layers/strides.h>
#include <nn/layers/tile.h>

namespace nn {

std::vector<TensorSpec> Tile::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = one_input(in);
  const std::vector<std::int64_t>& repeats = options_.repeats;
  if (repeats.size() < x.shape.rank()) {
    fail(
        "Number of dimensions of repeat dims can not be smaller than number of dimensions of "
        "tensor: "
        "got ",
        repeats.size(), " repeats for ", x.shape);
  }
  const std::size_t added = repeats.size() - x.shape.rank();
  std::vector<std::int64_t> sizes;
  std::optional<std::int64_t> count = 1;
  for (std::size_t i = 0; i < repeats.size(); ++i) {
    if (repeats[i] < 0) fail("repeats are [", joined(repeats), "], expected none below 0");
    const auto size = checked_multiply(repeats[i], i < added ? 1 : x.shape[i - added]);
    if (count && size) count = checked_multiply(*count, *size);
    if (!size || !count) fail("repeats [", joined(repeats), "] of ", x.shape, " are too many");
    sizes.push_back(*size);
  }
  return {{Shape(sizes), x.dtype}};
}

void Tile::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                   Context&) const {
  if (y[0].numel() == 0) return;
  const std::size_t size = size_of(x[0].dtype());
  const Shape& in = x[0].shape();
  const std::size_t rank = y[0].shape().rank(), added = rank - in.rank();
  const Dims strides = strides_of(in);
  // Whole runs of the last dimension are copied.
  const std::int64_t run = in.rank() == 0 ? 1 : in[in.rank() - 1];
  const std::byte* const from = x[0].bytes().data();
  std::byte* to = y[0].bytes().data();
  const std::int64_t runs = y[0].numel() / run;
  Dims at{};  // of the output, the last dimension in runs
  for (std::int64_t n = 0; n < runs; ++n) {
    std::int64_t place = 0;
    for (std::size_t i = added; i + 1 < rank; ++i)
      place += at[i] % in[i - added] * strides[i - added];
    std::memcpy(to, from + static_cast<std::size_t>(place) * size,
                static_cast<std::size_t>(run) * size);
    to += static_cast<std::size_t>(run) * size;
    for (std::size_t i = rank; i-- > 0;) {
      const std::int64_t end = i + 1 == rank ? y[0].shape()[i] / run : y[0].shape()[i];
      if (++at[i] < end) break;
      at[i] = 0;
    }
  }
}

bool Tile::rows_independent(std::span<const TensorSpec> in) const {
  const std::size_t rank = in[0].shape.rank();
  return rank > 0 && options_.repeats.size() == rank && options_.repeats[0] == 1;
}

std::string Tile::extra_repr() const { return joined(options_.repeats); }

}  // namespace nn
