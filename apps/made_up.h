#pragma once

#include <cstdint>

#include <nn/graph.h>
#include <nn/tensor.h>

namespace apps {

// Gives a graph weights from a formula, of a size that keeps values between layers about as large as
// the input.
void make_up_weights(nn::Graph& graph);

// uint8 [N, H, W]: rings of ink on black, no two alike. Drawn like digits, for layers may be faster
// where their input is zero.
nn::Tensor made_up_pictures(std::int64_t count, std::int64_t height, std::int64_t width);

}  // namespace apps
