#pragma once

#include <cstdint>
#include <span>

namespace nn::kernels {

// Two loops that nothing holds up but the machine itself, for measuring it. Each leaves a result,
// so that no compiler takes it away.

// `rounds` times one multiply-add in each of many independent chains of full vectors; returns how
// many multiply-adds of floats that were.
std::int64_t multiply_add_chains(std::int64_t rounds, float& result);

// The sum of all values, in any order.
float sum(std::span<const float> values);

}  // namespace nn::kernels
