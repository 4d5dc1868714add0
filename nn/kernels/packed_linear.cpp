#include <algorithm>
#include <cfloat>
#include <cmath>

#include <nn/kernels/magnitude.h>
#include <nn/kernels/packed_linear.h>

namespace nn::kernels {
namespace {

// Calls f(T{}) with the element type of `stored`.
template <class F>
auto with_stored(DType stored, F f) {
  if (stored == DType::float16) return f(Float16{});
  if (stored == DType::bfloat16) return f(BFloat16{});
  return f(float{});
}

// The least magnitude that rounding to a half makes infinite: half a step above the largest.
float least_infinite(DType stored) { return stored == DType::float16 ? 65520.0F : 0x1.ffp127F; }

DType fitting(DType wanted, std::span<const float> weight) {
  if (wanted == DType::float32) return wanted;
  const float least = least_infinite(wanted);
  const auto becomes_infinite = [&](float w) {
    return std::fabs(w) >= least && std::fabs(w) <= FLT_MAX;
  };
  return std::ranges::any_of(weight, becomes_infinite) ? DType::float32 : wanted;
}

}  // namespace

PackedLinear::PackedLinear(const LinearShape& shape, std::span<const float> weight, DType stored)
    : shape_(shape), finite_(within(weight, FLT_MAX)) {
  with_stored(fitting(stored, weight), [&](auto element) {
    using Stored = decltype(element);
    packed_ = Tensor::uninitialized({{linear_packed_size<Stored>(shape)}, dtype_of<Stored>});
    linear_pack(shape, weight.data(), packed_.as<Stored>().data());
  });
}

std::string PackedLinear::name() const {
  return packed_.dtype() == DType::float32 ? "packed" : concat("packed in ", packed_.dtype());
}

void PackedLinear::run(std::int64_t rows, const float* x, const LinearEpilogue& epilogue,
                       const Part& part, float* y) const {
  with_stored(packed_.dtype(), [&](auto element) {
    using Stored = decltype(element);
    linear(shape_, rows, x, packed_.as<Stored>().data(), epilogue, finite_, part, y);
  });
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
