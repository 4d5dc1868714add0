#include <algorithm>
#include <cfloat>

#include <nn/kernels/magnitude.h>
#include <nn/kernels/packed_linear.h>

namespace nn::kernels {

PackedLinear::PackedLinear(const LinearShape& shape, std::span<const float> weight)
    : shape_(shape),
      packed_(Tensor::uninitialized({{linear_packed_size(shape)}, DType::float32})),
      finite_(within(weight, FLT_MAX)) {
  linear_pack(shape, weight.data(), packed_.f32().data());
}

std::int64_t PackedLinear::parts(std::int64_t rows, int threads) const {
  constexpr std::int64_t columns = 128;  // that one row takes at once
  // A weight is read once, which takes as long as four operations.
  const double operations = static_cast<double>(rows + 4) *
                            static_cast<double>(shape_.in_features) *
                            static_cast<double>(shape_.out_features);
  return std::clamp<std::int64_t>(parts_worth(operations, threads), 1,
                                  std::max<std::int64_t>(shape_.out_features / columns, 1));
}

}  // namespace nn::kernels
