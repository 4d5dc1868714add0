#include <nn/kernels/broadcast_inl.h>

namespace nn::kernels {

void add(const BroadcastLoops& loops, float alpha, std::span<const float> a,
         std::span<const float> b, std::span<float> y) {
  if (alpha == 1) {
    for_each(loops, a.data(), b.data(), y, [](float p, float q) { return p + q; });
  } else {
    for_each(loops, a.data(), b.data(), y, [alpha](float p, float q) {
      // The product is exact in double.
      return static_cast<float>(static_cast<double>(p) +
                                static_cast<double>(alpha) * static_cast<double>(q));
    });
  }
}

void multiply(const BroadcastLoops& loops, std::span<const float> a, std::span<const float> b,
              std::span<float> y) {
  for_each(loops, a.data(), b.data(), y, [](float p, float q) { return p * q; });
}

}  // namespace nn::kernels
