#include <algorithm>
#include <bit>
#include <cstdint>

#include <nn/kernels/magnitude.h>

namespace nn::kernels {

// Magnitudes are ordered as their bits are, NaN above infinity.
bool within(std::span<const float> x, float limit) {
  constexpr std::uint32_t without_sign = 0x7fffffff;
  std::uint32_t largest = 0;
  for (const float value : x)
    largest = std::max(largest, std::bit_cast<std::uint32_t>(value) & without_sign);
  return largest <= std::bit_cast<std::uint32_t>(limit);
}

}  // namespace nn::kernels
