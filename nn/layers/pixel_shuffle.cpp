#include <nn/checked.h>
#include <nn/kernels/strided_copy.h>
#include <nn/layers/pixel_shuffle.h>
#include <nn/layers/strides.h>

namespace nn {
namespace {

const TensorSpec& planes(std::span<const TensorSpec> in, std::string_view name) {
  const TensorSpec& x = one_input(in);
  if (x.shape.rank() < 3) {
    fail(name, " expects input to have at least 3 dimensions, but got input with ", x.shape.rank(),
         " dimension(s)");
  }
  return x;
}

// Beyond 2^31 a factor's square does not fit, and no tensor has so many channels.
void require_factor(std::string_view kind, std::string_view name, std::int64_t factor) {
  if (factor >= 1 && factor <= INT32_MAX) return;
  fail(kind, ": expected ", name, " from 1 to ", INT32_MAX, ", got ", factor);
}

std::int64_t times(std::int64_t size, std::int64_t factor) {
  const auto product = checked_multiply(size, factor);
  if (!product) fail("a size of ", size, " times ", factor, " does not fit 64 bits");
  return *product;
}

struct Loop {
  std::int64_t size, stride;
};

void copy(std::span<const Loop> loops, ConstTensorView x, TensorView y) {
  kernels::StridedLoops strided;
  for (const Loop& loop : loops) strided.add(loop.size, loop.stride);
  kernels::strided_copy(strided, size_of(x.dtype()), x.bytes(), y.bytes());
}

}  // namespace

PixelShuffle::PixelShuffle(const Options& options) : options_(options) {
  require_factor(kind(), "upscale_factor", options.upscale_factor);
}

std::vector<TensorSpec> PixelShuffle::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = planes(in, "pixel_shuffle");
  const std::size_t rank = x.shape.rank();
  const std::int64_t r = options_.upscale_factor, channels = x.shape[rank - 3];
  if (channels % (r * r) != 0) {
    fail(
        "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
        "upscale_factor, but input.size(-3)=",
        channels, " is not divisible by ", r * r);
  }
  return {{x.shape.with(rank - 3, channels / (r * r))
               .with(rank - 2, times(x.shape[rank - 2], r))
               .with(rank - 1, times(x.shape[rank - 1], r)),
           x.dtype}};
}

void PixelShuffle::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                           Context&) const {
  const Shape& in = x[0].shape();
  const std::size_t rank = in.rank();
  const std::int64_t r = options_.upscale_factor;
  const std::int64_t h = in[rank - 2], w = in[rank - 1];
  const std::array loops{Loop{in.numel(0, rank - 2) / (r * r), r * r * h * w}, Loop{h, w},
                         Loop{r, r * h * w}, Loop{w, 1}, Loop{r, h * w}};
  copy(loops, x[0], y[0]);
}

std::string PixelShuffle::extra_repr() const {
  return concat("upscale_factor=", options_.upscale_factor);
}

PixelUnshuffle::PixelUnshuffle(const Options& options) : options_(options) {
  require_factor(kind(), "downscale_factor", options.downscale_factor);
}

std::vector<TensorSpec> PixelUnshuffle::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = planes(in, "pixel_unshuffle");
  const std::size_t rank = x.shape.rank();
  const std::int64_t r = options_.downscale_factor;
  for (const std::size_t back : {std::size_t{2}, std::size_t{1}}) {
    const std::int64_t size = x.shape[rank - back];
    if (size % r != 0) {
      fail("pixel_unshuffle expects ", back == 2 ? "height" : "width",
           " to be divisible by downscale_factor, but input.size(-", back, ")=", size,
           " is not divisible by ", r);
    }
  }
  return {{x.shape.with(rank - 3, times(times(x.shape[rank - 3], r), r))
               .with(rank - 2, x.shape[rank - 2] / r)
               .with(rank - 1, x.shape[rank - 1] / r),
           x.dtype}};
}

void PixelUnshuffle::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                             Context&) const {
  const Shape& in = x[0].shape();
  const std::size_t rank = in.rank();
  const std::int64_t r = options_.downscale_factor;
  const std::int64_t h = in[rank - 2] / r, w = in[rank - 1] / r;
  const std::array loops{Loop{in.numel(0, rank - 2), h * w * r * r}, Loop{r, w * r}, Loop{r, 1},
                         Loop{h, w * r * r}, Loop{w, r}};
  copy(loops, x[0], y[0]);
}

std::string PixelUnshuffle::extra_repr() const {
  return concat("downscale_factor=", options_.downscale_factor);
}

}  // namespace nn
