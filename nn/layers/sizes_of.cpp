#include <algorithm>

#include <nn/layers/sizes_of.h>

namespace nn {

std::vector<TensorSpec> SizesOf::outputs(std::span<const TensorSpec> in) const {
  if (in.size() != 1) fail("expected 1 input, got ", in.size());
  return {TensorSpec{{static_cast<std::int64_t>(in[0].shape.rank())}, DType::int64}};
}

void SizesOf::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                      Context&) const {
  std::ranges::copy(x[0].shape(), y[0].as<std::int64_t>().begin());
}

}  // namespace nn
