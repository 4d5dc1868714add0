#include <algorithm>

#include <nn/kernels/pixel_product.h>
#include <nn/kernels/stem_conv.h>

namespace nn::kernels {
namespace {

constexpr std::int64_t most_channels = 16;
constexpr std::int64_t least_width = 28;          // of the output
constexpr std::int64_t block_floats = 16 * 1024;  // of a strip: some more than the first cache
constexpr double largest_row = 1 << 28;           // taps are counted in 32 bits

// Rows of windows in a strip.
std::int64_t rows_of(const ConvShape& s) {
  const std::int64_t one = ConvPlanes(s.windows, s.in_channels, 1).size();
  const std::int64_t row = ConvPlanes(s.windows, s.in_channels, 2).size() - one;
  return std::clamp<std::int64_t>((block_floats - one) / row + 1, 1, s.windows.out_h);
}

}  // namespace

bool StemConv::serves(const ConvShape& shape) {
  const Windows& w = shape.windows;
  const double rows =
      static_cast<double>(w.stride_h) * static_cast<double>(w.kernel_h * w.dilation_h + 2);
  const double columns =
      static_cast<double>(w.stride_w) * static_cast<double>(w.out_w + w.kernel_w * w.dilation_w);
  return shape.groups == 1 && shape.in_channels <= most_channels && w.out_w >= least_width &&
         static_cast<double>(shape.in_channels) * rows * columns < largest_row;
}

StemConv::StemConv(const ConvShape& shape, std::span<const float> weight)
    : shape_(shape),
      rows_(rows_of(shape)),
      planes_(shape.windows, shape.in_channels, rows_),
      taps_(planes_.taps()),
      packed_({pixel_product_packed_size(static_cast<std::int64_t>(taps_.size()),
                                         shape.out_channels)}) {
  pixel_product_pack(static_cast<std::int64_t>(taps_.size()), shape.out_channels, weight.data(),
                     packed_.f32().data());
}

std::int64_t StemConv::scratch() const { return planes_.size() + ConvPlanes::slack; }

std::int64_t StemConv::parts(std::int64_t images, int threads) const {
  const Windows& w = shape_.windows;
  const double operations = static_cast<double>(images * w.out_h * w.out_w) *
                            static_cast<double>(taps_.size() + 4) *
                            static_cast<double>(shape_.out_channels);
  return std::min(parts_worth(operations, threads), std::max<std::int64_t>(images * strips(), 1));
}

void StemConv::run(std::int64_t images, const float* x, const float* bias, Clamp clamp,
                   const Part& part, float* y, float* scratch) const {
  const Windows& w = shape_.windows;
  const std::int64_t row_floats = w.out_w * shape_.out_channels;
  const PixelProduct product{static_cast<std::int64_t>(taps_.size()), shape_.out_channels,
                             packed_.f32().data(), bias, clamp};
  planes_.pad(scratch);
  const std::int64_t count = images * strips();
  for (std::int64_t i = part.begin(count); i < part.end(count); ++i) {
    const std::int64_t image = i / strips(), first = i % strips() * rows_;
    const std::int64_t rows = std::min(rows_, w.out_h - first);
    planes_.fill(x + image * shape_.in_channels * w.height * w.width, first, rows, scratch);
    float* const to = y + (image * w.out_h + first) * row_floats;
    for (std::int64_t row = 0; row < rows; ++row) {
      window_product(product, w.out_w, scratch + row * planes_.pitch(), taps_.data(),
                     to + row * row_floats);
    }
  }
}

}  // namespace nn::kernels
