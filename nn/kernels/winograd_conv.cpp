#include <algorithm>
#include <cmath>

#include <nn/kernels/magnitude.h>
#include <nn/kernels/packed_conv.h>
#include <nn/kernels/winograd_conv.h>
#include <nn/kernels/winograd_products.h>
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
  // Packed weights beyond a usual second cache come from further away, for few tiles.
  constexpr double near_floats = 256 * 1024;
  const double far = std::max(0.0, 64 * in * out - near_floats);
  return tiles * (70 * in * out + 1100 * in + 900 * out) + 40 * far;
}
double cost_of_products(const ConvShape& s) {
  constexpr std::int64_t lanes = 16;
  const std::int64_t tiles = (s.windows.out_h + 1) / 2 * ((s.windows.out_w + 1) / 2);
  const std::int64_t left = tiles % lanes;
  const double used = as_double(tiles - left + std::min(2 * left, lanes));
  const double in = as_double(s.in_channels), out = as_double(s.out_channels);
  return 16 * used * in * (1.4 * out + 10) + as_double(tiles) * 180 * (in + out);
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
// Products of fewer are mostly gathering.
constexpr std::int64_t least_channels_of_products = 32;

// Packed weights of the two-dimensional form are 64 floats a pair of channels: beyond the last
// cache they would come from memory at every image.
constexpr std::int64_t most_pairs = std::int64_t{16} << 20 >> 8;

// What inputs may be without an overflow between the transforms, by which they grow so much at most.
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
  // Rows of Bᵀ and Aᵀ at eight points add up to 12.5 and 67 in magnitude, at four to 2 and 3.
  constexpr double eight_points = 12.5 * 67, four_points = 2 * 3;
  const auto pack = [&](auto pack_weights, std::int64_t size, double growth) {
    packed_ = Tensor::uninitialized({{size}, DType::float32});
    pack_weights(shape, weight.data(), packed_.f32().data());
    limit_ = limit_for(shape, growth, packed_.f32());
  };
  if (way == Way::tiles) {
    pack(winograd_pack, 64 * shape.in_channels * shape.out_channels, eight_points * eight_points);
  } else if (way == Way::rows) {
    pack(winograd_rows_pack, winograd_rows_packed_size(shape), eight_points);
  } else {
    pack(winograd_products_pack, winograd_products_packed_size(shape), four_points * four_points);
  }
}

std::optional<WinogradConv> WinogradConv::choose(const ConvShape& shape, bool max_pool,
                                                 std::span<const float> weight) {
  const double plain = conv_cost(shape);
  if (!winograd_serves(shape.windows) || plain < least_cost) return std::nullopt;
  const bool tiles_fit = shape.in_channels >= least_channels_of_tiles &&
                         shape.in_channels * shape.out_channels <= most_pairs;
  const bool products_fit =
      shape.in_channels >= least_channels_of_products && shape.windows.kernel_h == 3 && !max_pool;
  const double tiles = tiles_fit ? cost_of_tiles(shape) : INFINITY;
  const double rows = cost_of_rows(shape);
  const double products = products_fit ? cost_of_products(shape) : INFINITY;
  const double least = std::min({tiles, rows, products});
  if (least > 0.9 * plain) return std::nullopt;
  const Way way = least == tiles ? Way::tiles : least == rows ? Way::rows : Way::products;
  WinogradConv conv(shape, way, weight);
  if (conv.limit_ <= 0) return std::nullopt;
  return conv;
}

std::int64_t WinogradConv::scratch(std::int64_t images) const {
  switch (way_) {
    case Way::tiles:
      return winograd_scratch(shape_, images);
    case Way::rows:
      return winograd_rows_scratch(shape_);
    case Way::products:
      return winograd_products_scratch(shape_, images);
  }
  return 0;
}

std::int64_t WinogradConv::parts(std::int64_t images, int threads) const {
  const auto some = [&](double image, std::int64_t most) {
    return std::clamp<std::int64_t>(parts_worth(as_double(images) * image, threads), 1,
                                    std::max<std::int64_t>(most, 1));
  };
  switch (way_) {
    case Way::tiles:
      return some(cost_of_tiles(shape_), winograd_tiles(shape_, images) / 4);
    case Way::rows:
      return some(cost_of_rows(shape_), shape_.out_channels / 2);
    case Way::products:  // each makes the input's side anew
      return some(cost_of_products(shape_),
                  std::min<std::int64_t>(threads, shape_.out_channels / 32));
  }
  return 1;
}

void WinogradConv::run(std::int64_t images, const float* x, const Epilogue& epilogue,
                       const Part& part, float* y, float* scratch) const {
  const auto kernel = way_ == Way::tiles  ? winograd
                      : way_ == Way::rows ? winograd_rows
                                          : winograd_products;
  kernel(shape_, images, x, packed_.f32().data(), epilogue, part, y, scratch);
}

bool WinogradConv::takes(std::span<const float> image) const { return within(image, limit_); }

std::string WinogradConv::name() const {
  if (way_ == Way::rows) return "Winograd, rows of 4";
  if (way_ == Way::products) return "Winograd, products of tiles of 2 x 2";
  return shape_.windows.kernel_h == 5 ? "Winograd, tiles of 4 x 4" : "Winograd, tiles of 6 x 6";
}

}  // namespace nn::kernels
