#pragma once

#include <string>

#include <nn/kernels/pool.h>
#include <nn/layers/int_pair.h>
#include <nn/shape.h>

namespace nn {

// What max and average pooling share: the window's arguments, the refusals and the output's size
//
//   out = (in + 2·padding − dilation·(kernel − 1) − 1) / stride + 1
//
// rounded down, or with ceil_mode up, but then without a last window that would start in the right
// padding.
struct PoolWindow {
  IntPair kernel_size = 1;
  IntPair stride = 1;
  IntPair padding = 0;
  IntPair dilation = 1;
  bool ceil_mode = false;
};

// Throws Error, beginning with `kind`, where PyTorch refuses these arguments for every input.
void require_pool_window(std::string_view kind, const PoolWindow& window);

// The sizes for an input [N, C, H, W] or [C, H, W]. Throws Error where PyTorch refuses it.
kernels::PoolPlane pool_plane(const PoolWindow& window, const Shape& in);

// `in` with the last two sizes of the plane's output.
Shape pool_shape(const kernels::PoolPlane& plane, const Shape& in);

// "2" or "(2, 3)": as PyTorch prints a pool's argument.
std::string pool_argument(const IntPair& pair);

}  // namespace nn
