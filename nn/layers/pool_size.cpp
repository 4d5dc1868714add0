#include <limits>

#include <nn/checked.h>
#include <nn/layers/pool_size.h>

namespace nn {
namespace {

// PyTorch keeps these arguments in an int; so bounded, the arithmetic below cannot overflow.
constexpr std::int64_t largest = std::numeric_limits<std::int32_t>::max();

void require_below(std::string_view kind, std::string_view name, const IntPair& pair) {
  if (pair.h <= largest && pair.w <= largest) return;
  fail(kind, ": expected ", name, " to be at most ", largest, ", got ", pair);
}

std::int64_t output_size(std::int64_t in, std::int64_t kernel, std::int64_t stride,
                         std::int64_t padding, std::int64_t dilation, bool ceil_mode) {
  const std::int64_t extent = dilation * (kernel - 1) + 1;
  const std::int64_t room = in + 2 * padding - extent + (ceil_mode ? stride - 1 : 0);
  // Rounded down, also below 0.
  std::int64_t size = (room >= 0 ? room / stride : -((stride - 1 - room) / stride)) + 1;
  if (ceil_mode && (size - 1) * stride >= in + padding) --size;
  return size;
}

}  // namespace

void require_pool_window(std::string_view kind, const PoolWindow& window) {
  const auto& [kernel, stride, padding, dilation, ceil_mode] = window;
  require_below(kind, "kernel_size", kernel);
  require_below(kind, "stride", stride);
  require_below(kind, "dilation", dilation);
  if (kernel.h <= 0 || kernel.w <= 0) {
    fail(kind, ": kernel size should be greater than zero, but got kH: ", kernel.h,
         " kW: ", kernel.w);
  }
  if (stride.h == 0 || stride.w == 0) fail(kind, ": stride should not be zero");
  if (stride.h < 0 || stride.w < 0) {
    fail(kind, ": stride should be greater than zero, but got dH: ", stride.h, " dW: ", stride.w);
  }
  if (dilation.h <= 0 || dilation.w <= 0) {
    fail(kind, ": dilation should be greater than zero, but got dilationH: ", dilation.h,
         " dilationW: ", dilation.w);
  }
  const auto require_padding = [kind](std::int64_t pad, std::int64_t size, std::int64_t step) {
    if (pad < 0) fail(kind, ": pad must be non-negative, but got pad: ", pad);
    if (pad > (step * (size - 1) + 1) / 2) {
      fail(kind, ": pad should be at most half of effective kernel size, but got pad=", pad,
           ", kernel_size=", size, " and dilation=", step);
    }
  };
  require_padding(padding.h, kernel.h, dilation.h);
  require_padding(padding.w, kernel.w, dilation.w);
  if (padding.h > kernel.h / 2 || padding.w > kernel.w / 2) {
    fail(kind,
         ": pad should be smaller than or equal to half of kernel size, but got padW = ", padding.w,
         ", padH = ", padding.h, ", kW = ", kernel.w, ", kH = ", kernel.h);
  }
}

kernels::PoolPlane pool_plane(const PoolWindow& window, const Shape& in) {
  const auto& [kernel, stride, padding, dilation, ceil_mode] = window;
  const std::size_t rank = in.rank();
  const bool fits =
      (rank == 3 || rank == 4) && in[rank - 3] != 0 && in[rank - 2] != 0 && in[rank - 1] != 0;
  if (!fits) {
    fail("Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:",
         in);
  }
  const std::int64_t height = in[rank - 2];
  const std::int64_t width = in[rank - 1];
  if (height > largest || width > largest) {
    fail("expected planes of at most ", largest, " rows and columns, got input ", in);
  }
  const kernels::PoolPlane plane{
      {height, output_size(height, kernel.h, stride.h, padding.h, dilation.h, ceil_mode), kernel.h,
       stride.h, padding.h, dilation.h},
      {width, output_size(width, kernel.w, stride.w, padding.w, dilation.w, ceil_mode), kernel.w,
       stride.w, padding.w, dilation.w}};
  if (plane.h.out < 1 || plane.w.out < 1) {
    fail("Given input size: (", in[rank - 3], "x", height, "x", width,
         "). Calculated output size: (", in[rank - 3], "x", plane.h.out, "x", plane.w.out,
         "). Output size is too small");
  }
  return plane;
}

Shape pool_shape(const kernels::PoolPlane& plane, const Shape& in) {
  return in.with(in.rank() - 2, plane.h.out).with(in.rank() - 1, plane.w.out);
}

std::string pool_argument(const IntPair& pair) {
  return pair.h == pair.w ? to_text(pair.h) : to_text(pair);
}

}  // namespace nn
