#pragma once

#include <span>

namespace nn::kernels {

// Are all values at most `limit` in magnitude? False where one is NaN.
bool within(std::span<const float> x, float limit);

}  // namespace nn::kernels
