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

}  // namespace nn::kernels
