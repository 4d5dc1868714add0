#pragma once

#include <array>
#include <cstddef>
#include <span>

#include <nn/shape.h>

namespace nn::kernels {

// Nested loops over an output and the two inputs repeated into it, as few as possible: neighbouring
// dimensions that both inputs walk alike are one. An input's stride of 0 repeats it.
struct BroadcastLoops {
  std::size_t rank = 0;
  std::array<std::size_t, Shape::max_rank> size{};  // outermost first
  std::array<std::size_t, Shape::max_rank> a_stride{};
  std::array<std::size_t, Shape::max_rank> b_stride{};
};

// y = a + alpha b, each rounded once; y may be a where a is not repeated.
void add(const BroadcastLoops& loops, float alpha, std::span<const float> a,
         std::span<const float> b, std::span<float> y);
// y = a b, likewise.
void multiply(const BroadcastLoops& loops, std::span<const float> a, std::span<const float> b,
              std::span<float> y);

}  // namespace nn::kernels
