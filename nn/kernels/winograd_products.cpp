#include <nn/kernels/simd_targets.h>
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/winograd_products.cpp"
#include <algorithm>
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>
#include <vector>

#include <nn/kernels/conv_product.h>
#include <nn/kernels/simd_inl.h>
#include <nn/kernels/winograd_products.h>

#ifndef RUSHLIGHT_WINOGRAD_PRODUCTS_STRIP
#define RUSHLIGHT_WINOGRAD_PRODUCTS_STRIP
namespace nn::kernels {

// Some rows of tiles of an image's channel.
struct TileStrip {
  std::int64_t rows, columns;  // of tiles
  std::int64_t stride;         // of the rows of the bordered plane
  std::int64_t step;           // floats from point to point
};

// The outputs of these tiles that exist.
struct OutputStrip {
  TileStrip tiles;
  std::int64_t height, width;  // of outputs
  float bias;
  Clamp clamp;
};

}  // namespace nn::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace nn::kernels {
namespace HWY_NAMESPACE {
namespace {

using V = hn::Vec<Wide>;

HWY_INLINE void store_pairs(V first, V second, std::int64_t count, float* to) {
  HWY_ALIGN float pairs[2 * wide_lanes];
#if HWY_TARGET == HWY_SCALAR
  hn::Store(first, wide, pairs);
  hn::Store(second, wide, pairs + 1);
#else
  hn::StoreInterleaved2(first, second, wide, pairs);
#endif
  store_some(hn::Load(wide, pairs), to, std::min<std::int64_t>(count, wide_lanes));
  if (count > wide_lanes) {
    store_some(hn::Load(wide, pairs + wide_lanes), to + wide_lanes, count - wide_lanes);
  }
}

// Bᵀ d B of each 4 × 4 tile d of the plane, whose tiles begin two pixels apart. Of the last vector of a row
// too much is written, over which the next row goes.
void tiles_at_points(const TileStrip& s, const float* plane, float* HWY_RESTRICT to) {
  for (std::int64_t row = 0; row < s.rows; ++row, plane += 2 * s.stride, to += s.columns) {
    for (std::int64_t column = 0; column < s.columns; column += wide_lanes) {
      const float* const from = plane + 2 * column;
      // Two vectors of tiles' pixels and the pair behind them, row by row of the tile.
      V a[4], b[4], c[4], d[4];
      HWY_UNROLL(4)
      for (int i = 0; i < 4; ++i) {
        load_pairs(wide, from + i * s.stride, a[i], b[i]);
        load_pairs(wide, from + i * s.stride + 2, c[i], d[i]);
      }
      HWY_UNROLL(4)
      for (int i = 0; i < 4; ++i) {
        const auto down = [i](const V(&x)[4]) {
          return i == 0   ? hn::Sub(x[0], x[2])
                 : i == 1 ? hn::Add(x[1], x[2])
                 : i == 2 ? hn::Sub(x[2], x[1])
                          : hn::Sub(x[1], x[3]);
        };
        const V w = down(a), x = down(b), y = down(c), z = down(d);
        float* const point = to + column + 4 * i * s.step;
        hn::StoreU(hn::Sub(w, y), wide, point);
        hn::StoreU(hn::Add(x, y), wide, point + s.step);
        hn::StoreU(hn::Sub(y, x), wide, point + 2 * s.step);
        hn::StoreU(hn::Sub(x, z), wide, point + 3 * s.step);
      }
    }
  }
}

// Aᵀ m A of each tile of products m, with bias and ReLU.
void tiles_to_outputs(const OutputStrip& s, const float* HWY_RESTRICT products, float* y) {
  const V bias = hn::Set(wide, s.bias);
  const TileStrip& t = s.tiles;
  for (std::int64_t row = 0; row < t.rows; ++row, products += t.columns) {
    for (std::int64_t column = 0; column < t.columns; column += wide_lanes) {
      V top[4], bottom[4];
      HWY_UNROLL(4)
      for (int j = 0; j < 4; ++j) {
        const float* const m = products + column + j * t.step;
        const V second = hn::LoadU(wide, m + 4 * t.step), third = hn::LoadU(wide, m + 8 * t.step);
        top[j] = hn::Add(hn::Add(hn::LoadU(wide, m), second), third);
        bottom[j] = hn::Sub(hn::Sub(second, third), hn::LoadU(wide, m + 12 * t.step));
      }
      const std::int64_t count = std::min<std::int64_t>(2 * wide_lanes, s.width - 2 * column);
      const auto finish = [&](const V(&m)[4], std::int64_t output) {
        if (output >= s.height) return;
        const V left = hn::Add(hn::Add(hn::Add(m[0], m[1]), m[2]), bias);
        const V right = hn::Add(hn::Sub(hn::Sub(m[1], m[2]), m[3]), bias);
        store_pairs(clamped(wide, left, s.clamp), clamped(wide, right, s.clamp), count,
                    y + output * s.width + 2 * column);
      };
      finish(top, 2 * row);
      finish(bottom, 2 * row + 1);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nn::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn::kernels {
namespace {

// Values at points and products of this many floats stay near: in a usual second cache and some of the
// next.
constexpr std::int64_t near_floats = 512 * 1024;
constexpr std::int64_t tiles_of_images = 128;
constexpr int points = 16;
// A vector of tiles is read whole: so many pixels may be met behind a row of the bordered plane.
constexpr std::int64_t slack = 64;

std::int64_t bordered_stride(const ProductTiles& t) { return (2 * t.columns + 2 + 15) / 16 * 16; }

std::int64_t bordered_floats(const ProductTiles& t) {
  return (2 * t.strip + 2) * bordered_stride(t) + slack;
}

// g at the four points 0, 1, -1 and infinity along both axes: G g Gᵀ.
void filter_at_points(const float* g, double (&values)[points]) {
  double rows[4][3];
  const auto at_points = [](double a, double b, double c, double* to, int step) {
    to[0] = a;
    to[step] = (a + b + c) / 2;
    to[2 * step] = (a - b + c) / 2;
    to[3 * step] = c;
  };
  for (int j = 0; j < 3; ++j) at_points(g[j], g[3 + j], g[6 + j], &rows[0][j], 3);
  for (int i = 0; i < 4; ++i) at_points(rows[i][0], rows[i][1], rows[i][2], values + 4 * i, 1);
}

}  // namespace

ProductTiles::ProductTiles(const ConvShape& shape, std::int64_t most_images)
    : rows((shape.windows.out_h + 1) / 2),
      columns((shape.windows.out_w + 1) / 2),
      strip(rows),
      images(1) {
  const std::int64_t tile = points * (shape.in_channels + shape.out_channels);
  const std::int64_t most = std::max<std::int64_t>(near_floats / (tile * columns), 1);
  if (most < rows) {
    const std::int64_t strips = (rows + most - 1) / most;
    strip = (rows + strips - 1) / strips;
  } else {
    images =
        std::clamp<std::int64_t>(std::min(tiles_of_images, near_floats / tile) / (rows * columns),
                                 1, std::max<std::int64_t>(most_images, 1));
  }
}

std::int64_t winograd_products_packed_size(const ConvShape& s) {
  return points * s.in_channels * s.out_channels + conv_product_slack;
}

void winograd_products_pack(const ConvShape& s, const float* weight, float* packed) {
  const std::int64_t pairs = s.out_channels * s.in_channels;
  std::vector<float> at_points(static_cast<std::size_t>(points * pairs));
  for (std::int64_t i = 0; i < pairs; ++i) {
    double values[points];
    filter_at_points(weight + 9 * i, values);
    for (int p = 0; p < points; ++p) {
      at_points[static_cast<std::size_t>(p * pairs + i)] = static_cast<float>(values[p]);
    }
  }
  for (int p = 0; p < points; ++p) {
    conv_product_pack(s.out_channels, s.in_channels, at_points.data() + p * pairs,
                      packed + p * pairs);
  }
  std::fill_n(packed + points * pairs, conv_product_slack, 0.0F);
}

std::int64_t winograd_products_scratch(const ConvShape& s, std::int64_t images) {
  const ProductTiles tiles(s, images);
  return points * tiles.pitch() * (s.in_channels + s.out_channels) +
         (bordered_floats(tiles) + 15) / 16 * 16 +
         conv_product_scratch(s.out_channels, s.in_channels) + s.in_channels;
}

namespace {

// One run of some images or of a strip.
class TilesAtOnce {
 public:
  TilesAtOnce(const ConvShape& shape, const ProductTiles& tiles, float* scratch)
      : s_(shape), tiles_(tiles) {
    values_ = scratch;
    products_ = values_ + points * tiles.pitch() * shape.in_channels;
    bordered_ = products_ + points * tiles.pitch() * shape.out_channels;
    panel_ = bordered_ + (bordered_floats(tiles) + 15) / 16 * 16;
    stride_ = bordered_stride(tiles);
    taps_ = reinterpret_cast<std::int32_t*>(
        panel_ + conv_product_scratch(shape.out_channels, shape.in_channels));
    for (std::int64_t c = 0; c < shape.in_channels; ++c) {
      taps_[c] = static_cast<std::int32_t>(c * tiles.pitch());
    }
    std::fill_n(bordered_, bordered_floats(tiles), 0.0F);
  }

  // values[point, channel, image, row, column] of rows of tiles [first, first + rows).
  void input(std::int64_t images, std::int64_t first, std::int64_t rows, const float* x) {
    const Windows& w = s_.windows;
    const auto at_points = RUSHLIGHT_DISPATCH(tiles_at_points);
    const TileStrip strip{rows, tiles_.columns, stride_, tiles_.pitch() * s_.in_channels};
    for (std::int64_t i = 0; i < images; ++i) {
      for (std::int64_t c = 0; c < s_.in_channels; ++c, x += w.height * w.width) {
        border(x, 2 * first - w.top, 2 * rows + 2);
        at_points(strip, bordered_,
                  values_ + c * tiles_.pitch() + i * tiles_.rows * tiles_.columns);
      }
    }
  }

  // products[point, channel, …] of the blocks of channels [first, last).
  void multiply(std::int64_t count, const float* packed, std::int64_t first, std::int64_t last) {
    ConvProduct product;
    product.taps = taps_;
    product.depth = product.safe_depth = s_.in_channels;
    product.pixels = product.width = count;
    product.out_channels = s_.out_channels;
    product.y_channel = tiles_.pitch();
    for (int p = 0; p < points; ++p) {
      product.source = values_ + p * tiles_.pitch() * s_.in_channels;
      product.packed = packed + p * s_.in_channels * s_.out_channels;
      product.y = products_ + p * tiles_.pitch() * s_.out_channels;
      conv_product(product, count, first, last, panel_);
    }
  }

  // Of output channels [from, until).
  void output(std::int64_t images, std::int64_t first, std::int64_t rows, const Epilogue& epilogue,
              std::int64_t from, std::int64_t until, float* y) const {
    const Windows& w = s_.windows;
    const auto to_outputs = RUSHLIGHT_DISPATCH(tiles_to_outputs);
    OutputStrip strip{{rows, tiles_.columns, stride_, tiles_.pitch() * s_.out_channels},
                      std::min(2 * rows, w.out_h - 2 * first),
                      w.out_w,
                      0,
                      epilogue.clamp};
    for (std::int64_t i = 0; i < images; ++i) {
      for (std::int64_t o = from; o < until; ++o) {
        strip.bias = epilogue.bias == nullptr ? 0.0F : epilogue.bias[o] + 0.0F;
        to_outputs(strip, products_ + o * tiles_.pitch() + i * tiles_.rows * tiles_.columns,
                   y + ((i * s_.out_channels + o) * w.out_h + 2 * first) * w.out_w);
      }
    }
  }

 private:
  // Rows [first, first + rows) of the plane into the bordered one; those outside are zeros.
  void border(const float* x, std::int64_t first, std::int64_t rows) {
    const Windows& w = s_.windows;
    const std::int64_t width = std::min(w.width, stride_ - w.left);
    for (std::int64_t h = 0; h < rows; ++h) {
      float* const to = bordered_ + h * stride_ + w.left;
      const std::int64_t row = first + h;
      if (row < 0 || row >= w.height) {
        std::fill_n(to, width, 0.0F);
      } else {
        std::copy_n(x + row * w.width, width, to);
      }
    }
  }

  const ConvShape& s_;
  const ProductTiles& tiles_;
  float *values_, *products_, *bordered_, *panel_;
  std::int64_t stride_;
  std::int32_t* taps_;
};

}  // namespace

void winograd_products(const ConvShape& s, std::int64_t images, const float* x, const float* packed,
                       const Epilogue& epilogue, const Part& part, float* y, float* scratch) {
  const ProductTiles tiles(s, images);
  const Windows& w = s.windows;
  const std::int64_t blocks = conv_product_blocks(s.out_channels);
  const std::int64_t first = part.begin(blocks), last = part.end(blocks);
  const std::int64_t from = conv_product_channel(s.out_channels, first);
  const std::int64_t until = conv_product_channel(s.out_channels, last);
  TilesAtOnce at_once(s, tiles, scratch);
  for (std::int64_t image = 0; image < images; image += tiles.images) {
    const std::int64_t count = std::min(tiles.images, images - image);
    const float* const from_x = x + image * s.in_channels * w.height * w.width;
    float* const to_y = y + image * s.out_channels * w.out_h * w.out_w;
    for (std::int64_t row = 0; row < tiles.rows; row += tiles.strip) {
      const std::int64_t rows = std::min(tiles.strip, tiles.rows - row);
      at_once.input(count, row, rows, from_x);
      at_once.multiply(count * rows * tiles.columns, packed, first, last);
      at_once.output(count, row, rows, epilogue, from, until, to_y);
    }
  }
}

}  // namespace nn::kernels
#endif
