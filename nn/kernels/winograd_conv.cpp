#include <algorithm>
#include <cmath>

#include <nn/kernels/magnitude.h>
#include <nn/kernels/packed_conv.h>
#include <nn/kernels/winograd_conv.h>
#include <nn/kernels/winograd_rows.h>

namespace nn::kernels {
namespace {

double as_double(std::int64_t value) { return static_cast<double>(value); }

// Operations on one float each, an image, by each way; measured on AVX2 and AVX-512 to be right
// within a fourth. Transforms count per tile and channel.
double cost_of_tiles(const ConvShape& s) {
  const std::int64_t m = s.windows.kernel_h == 5 ? 4 : 6;
  const double tiles = as_double((s.windows.out_h + m - 1) / m * ((s.windows.out_w + m - 1) / m));
  const double in = as_double(s.in_channels), out = as_double(s.out_channels);
  return tiles * (70 * in * out + 1100 * in + 900 * out);
}
double cost_of_rows(const ConvShape& s) {
  constexpr std::int64_t lanes = 16;  // tiles are computed so many at a time
  const std::int64_t count = s.windows.out_h * ((s.windows.out_w + 3) / 4);
  const double tiles = as_double((count + lanes - 1) / lanes * lanes);
  const double products = s.windows.kernel_h == 5 ? 80 : 38;  // 40 and 18, but loads are the limit
  const double in = as_double(s.in_channels), out = as_double(s.out_channels);
  return tiles * (products * in * out + 230 * in + 30 * out);
}

// Smaller convolutions take a few microseconds either way, and plain sums round less.
constexpr double least_cost = 64 * 1024;

// Sums over fewer channels hardly even out what the two-dimensional transforms round: 25 instead of
// 4 ε.
constexpr std::int64_t least_channels_of_tiles = 4;

// Packed weights of the two-dimensional form are 64 floats a pair of channels: beyond the last
// cache they would come from memory at every image.
constexpr std::int64_t most_pairs = std::int64_t{16} << 20 >> 8;

// Rows of Bᵀ add up to at most 12.5 in magnitude and rows of Aᵀ to 67: a value at points is at most
// 12.5 times its input along each axis, an output 67 times a sum of products.
float limit_for(const ConvShape& s, double growth, std::span<const float> packed) {
  float largest = 0;
  for (const float value : packed) {
    if (!std::isfinite(value)) return 0;
    largest = std::max(largest, std::fabs(value));
  }
  const double sums = growth * as_double(s.in_channels * s.windows.kernel_h) *
                      std::max(1.0, static_cast<double>(largest));
  return static_cast<float>(3e38 / sums);
}

}  // namespace

WinogradConv::WinogradConv(const ConvShape& shape, Way way, std::span<const float> weight)
    : shape_(shape), way_(way) {
  constexpr double one_axis = 12.5 * 67;
  const bool tiles = way == Way::tiles;
  const std::int64_t size =
      tiles ? 64 * shape.in_channels * shape.out_channels : winograd_rows_packed_size(shape);
  packed_ = Tensor::uninitialized({{size}, DType::float32});
  (tiles ? winograd_pack : winograd_rows_pack)(shape, weight.data(), packed_.f32().data());
  limit_ = limit_for(shape, tiles ? one_axis * one_axis : one_axis, packed_.f32());
}

std::optional<WinogradConv> WinogradConv::choose(const ConvShape& shape,
                                                 std::span<const float> weight) {
  const double plain = conv_cost(shape);
  if (!winograd_serves(shape.windows) || plain < least_cost) return std::nullopt;
  const bool tiles_fit = shape.in_channels >= least_channels_of_tiles &&
                         shape.in_channels * shape.out_channels <= most_pairs;
  const double tiles = tiles_fit ? cost_of_tiles(shape) : INFINITY;
  const double rows = cost_of_rows(shape);
  if (std::min(tiles, rows) > 0.9 * plain) return std::nullopt;
  WinogradConv conv(shape, rows < tiles ? Way::rows : Way::tiles, weight);
  if (conv.limit_ <= 0) return std::nullopt;
  return conv;
}

std::int64_t WinogradConv::scratch(std::int64_t images) const {
  return way_ == Way::tiles ? winograd_scratch(shape_, images) : winograd_rows_scratch(shape_);
}

std::int64_t WinogradConv::parts(std::int64_t images, int threads) const {
  const bool tiles = way_ == Way::tiles;
  const double image = tiles ? cost_of_tiles(shape_) : cost_of_rows(shape_);
  const std::int64_t most = tiles ? winograd_tiles(shape_, images) / 4 : shape_.out_channels / 2;
  return std::clamp<std::int64_t>(parts_worth(as_double(images) * image, threads), 1,
                                  std::max<std::int64_t>(most, 1));
}

void WinogradConv::run(std::int64_t images, const float* x, const Epilogue& epilogue,
                       const Part& part, float* y, float* scratch) const {
  (way_ == Way::tiles ? winograd : winograd_rows)(shape_, images, x, packed_.f32().data(), epilogue,
                                                  part, y, scratch);
}

bool WinogradConv::takes(std::span<const float> image) const { return within(image, limit_); }

std::string WinogradConv::name() const {
  if (way_ == Way::rows) return "Winograd, rows of 4";
  return shape_.windows.kernel_h == 5 ? "Winograd, tiles of 4 x 4" : "Winograd, tiles of 6 x 6";
}

}  // namespace nn::kernels
