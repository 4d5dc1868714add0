#include <algorithm>

#include <nn/kernels/conv_product.h>
#include <nn/kernels/packed_conv.h>

namespace nn::kernels {
namespace {

// Planes of one block, in floats: a fourth of a usual second cache. More where a single row of
// windows takes more.
constexpr std::int64_t block_floats = 64 * 1024;
constexpr std::int64_t largest_block = std::int64_t{1} << 30;  // taps are counted in 32 bits
// Small images are taken together to this many pixels, so that few panels are partly empty.
constexpr std::int64_t block_pixels = 256;
constexpr std::int64_t vector_pixels = 16;
// What reads a whole vector may read beyond the last pixel.
constexpr std::int64_t slack = 16;

std::int64_t padded(std::int64_t floats) { return (floats + slack + 15) / 16 * 16; }

bool is_pointwise(const Windows& w) {
  return w.kernel_h == 1 && w.kernel_w == 1 && w.stride_h == 1 && w.stride_w == 1 && w.top == 0 &&
         w.left == 0 && w.out_h == w.height && w.out_w == w.width;
}

// Rows of a strip: at most `most`, those that leave the smallest share of the last vector empty.
std::int64_t best_rows(std::int64_t most, std::int64_t width, std::int64_t step) {
  std::int64_t best = most;
  double best_use = 0;
  for (std::int64_t rows = most; rows >= std::max(most / 2, step); rows -= step) {
    const std::int64_t pixels = rows * width;
    const std::int64_t lanes = (pixels + vector_pixels - 1) / vector_pixels * vector_pixels;
    const double use = static_cast<double>(pixels) / static_cast<double>(lanes);
    if (use > best_use + 0.01) {
      best = rows;
      best_use = use;
    }
  }
  return best;
}

// Rows of windows in a strip: all where the planes of an image are small enough.
std::int64_t rows_of(const ConvShape& s, bool pointwise, bool max_pool) {
  const Windows& w = s.windows;
  const std::int64_t step = max_pool ? 2 : 1;
  std::int64_t most = w.out_h;
  if (pointwise) {
    most = std::min(most, std::max<std::int64_t>(4 * block_pixels / w.out_w, 1));
  } else {
    const std::int64_t channels = s.in_channels / s.groups;
    const std::int64_t one = ConvPlanes(w, channels, 1).size();
    const std::int64_t row = ConvPlanes(w, channels, 2).size() - one;
    most = std::clamp<std::int64_t>((block_floats - one) / row + 1, 1, w.out_h);
  }
  if (most == w.out_h) return most;
  most = std::max(most / step * step, step);
  return std::min(best_rows(most, w.out_w, step), w.out_h);
}

}  // namespace

double conv_cost(const ConvShape& s) {
  const Windows& w = s.windows;
  const std::int64_t lanes =
      (w.out_h * w.out_w + vector_pixels - 1) / vector_pixels * vector_pixels;
  const std::int64_t group_in = s.in_channels / s.groups, group_out = s.out_channels / s.groups;
  const auto depth = static_cast<double>(group_in * w.kernel_h * w.kernel_w);
  const auto out = static_cast<double>(group_out);
  return static_cast<double>(s.groups * lanes) * (depth * (out + 9.5) + 16 * out);
}

std::optional<PackedConv> PackedConv::make(const ConvShape& shape, std::int64_t images,
                                           bool max_pool, std::span<const float> weight) {
  const bool pointwise = is_pointwise(shape.windows);
  const Windows& w = shape.windows;
  // At most: of one strip of one row, or of the image.
  const double rows = pointwise ? static_cast<double>(w.height)
                                : static_cast<double>(w.stride_h) *
                                      static_cast<double>(w.kernel_h * w.dilation_h + 1);
  const double columns = pointwise ? static_cast<double>(w.width)
                                   : static_cast<double>(w.stride_w) *
                                         static_cast<double>(w.out_w + w.kernel_w * w.dilation_w);
  const std::int64_t channels = shape.in_channels / shape.groups;
  if (static_cast<double>(channels) * rows * columns > largest_block) return std::nullopt;
  PackedConv conv(shape, images, max_pool, pointwise, rows_of(shape, pointwise, max_pool), weight);
  if (conv.planes_.size() > largest_block) return std::nullopt;
  return conv;
}

PackedConv::PackedConv(const ConvShape& shape, std::int64_t images, bool max_pool, bool pointwise,
                       std::int64_t rows, std::span<const float> weight)
    : shape_(shape),
      max_pool_(max_pool),
      pointwise_(pointwise),
      rows_(rows),
      images_(1),
      planes_(shape.windows, shape.in_channels / shape.groups, rows),
      packed_({static_cast<std::int64_t>(weight.size()) + conv_product_slack}) {
  const Windows& w = shape.windows;
  const std::int64_t depth = shape.in_channels / shape.groups * w.kernel_h * w.kernel_w;
  const std::int64_t out = shape.out_channels / shape.groups;
  if (rows == w.out_h) {
    const std::int64_t most = pointwise ? images : block_floats / planes_.size();
    images_ = std::clamp<std::int64_t>(std::min(block_pixels / (w.out_h * w.out_w), most), 1,
                                       std::max<std::int64_t>(images, 1));
  }
  if (pointwise) {
    for (std::int64_t c = 0; c < depth; ++c) {
      taps_.push_back(static_cast<std::int32_t>(c * w.height * w.width));
    }
  } else {
    taps_ = planes_.taps();
  }
  for (std::int64_t g = 0; g < shape.groups; ++g) {
    conv_product_pack(out, depth, weight.data() + g * out * depth,
                      packed_.f32().data() + g * out * depth);
  }
}

std::int64_t PackedConv::scratch() const {
  const Windows& w = shape_.windows;
  const std::int64_t sums =
      max_pool_ ? shape_.out_channels / shape_.groups * images_ * rows_ * w.out_w : 0;
  const std::int64_t planes = pointwise_ ? 0 : padded(images_ * planes_.size());
  return planes +
         padded(conv_product_scratch(shape_.out_channels / shape_.groups,
                                     static_cast<std::int64_t>(taps_.size()))) +
         sums;
}

std::int64_t PackedConv::parts(std::int64_t images, int threads) const {
  const std::int64_t wanted = parts_worth(static_cast<double>(images) * conv_cost(shape_), threads);
  const std::int64_t count = blocks(images);
  if (wanted <= count || count == 0) return wanted;
  const std::int64_t slices = conv_product_blocks(shape_.out_channels / shape_.groups);
  return count * std::clamp<std::int64_t>(wanted / count, 1, slices);
}

void PackedConv::run(std::int64_t images, const float* x, const Epilogue& epilogue,
                     const Part& part, float* y, float* scratch) const {
  const std::int64_t count = blocks(images);
  if (!pointwise_) {
    for (std::int64_t i = 0; i < std::min(images_, images); ++i) {
      planes_.pad(scratch + i * planes_.size());
    }
  }
  if (part.count <= count) {
    for (std::int64_t b = part.begin(count); b < part.end(count); ++b) {
      run_block(images, x, epilogue, b, {}, y, scratch);
    }
  } else {
    const std::int64_t slices = part.count / count;
    run_block(images, x, epilogue, part.index / slices, {part.index % slices, slices}, y, scratch);
  }
}

void PackedConv::run_block(std::int64_t images, const float* x, const Epilogue& epilogue,
                           std::int64_t block, const Part& slice, float* y, float* scratch) const {
  const Windows& w = shape_.windows;
  const std::int64_t g = block % shape_.groups;
  const std::int64_t image = block / shape_.groups / strips() * images_;
  const std::int64_t count = std::min(images_, images - image);
  const std::int64_t row = block / shape_.groups % strips() * rows_;
  const std::int64_t rows = std::min(rows_, w.out_h - row);
  const std::int64_t in = shape_.in_channels / shape_.groups;
  const std::int64_t out = shape_.out_channels / shape_.groups;
  const std::int64_t in_plane = w.height * w.width, out_plane = w.out_h * w.out_w;
  const std::int64_t in_image = shape_.in_channels * in_plane;
  const std::int64_t pixels = rows * w.out_w;
  const auto depth = static_cast<std::int64_t>(taps_.size());
  const std::int64_t first = slice.begin(conv_product_blocks(out));
  const std::int64_t last = slice.end(conv_product_blocks(out));

  float* const planes = scratch;
  float* const panel = planes + (pointwise_ ? 0 : padded(images_ * planes_.size()));
  float* const sums = panel + padded(conv_product_scratch(out, depth));
  const float* const group_x = x + image * in_image + g * in * in_plane;
  const float* const bias = epilogue.bias == nullptr ? nullptr : epilogue.bias + g * out;

  ConvProduct product;
  product.taps = taps_.data();
  product.depth = product.safe_depth = depth;
  product.pixels = pixels;
  product.width = w.out_w;
  product.source_row = planes_.pitch();
  product.packed = packed_.f32().data() + g * out * depth;
  product.out_channels = out;
  if (pointwise_) {
    product.source = group_x + row * w.out_w;
    product.source_image = in_image;
    product.width = pixels;
    // Behind the last image's last channel there is nothing to read.
    const std::int64_t left =
        (images - image - count + 1) * in_image - g * in * in_plane - row * w.out_w;
    const std::int64_t spare = left - pixels - slack;
    product.safe_depth = spare < 0 ? 0 : std::min(spare / in_plane + 1, depth);
  } else {
    for (std::int64_t i = 0; i < count; ++i) {
      planes_.fill(group_x + i * in_image, row, rows, planes + i * planes_.size());
    }
    product.source = planes;
    product.source_image = planes_.size();
  }
  if (!max_pool_) {
    product.bias = bias;
    product.clamp = epilogue.clamp;
    product.y = y + (image * shape_.out_channels + g * out) * out_plane + row * w.out_w;
    product.y_image = shape_.out_channels * out_plane;
    product.y_channel = out_plane;
    conv_product(product, count * pixels, first, last, panel);
    return;
  }
  product.y = sums;
  product.y_image = pixels;
  product.y_channel = count * pixels;
  conv_product(product, count * pixels, first, last, panel);
  const std::int64_t pooled = (w.out_h / 2) * (w.out_w / 2);
  float* const pooled_y =
      y + (image * shape_.out_channels + g * out) * pooled + row / 2 * (w.out_w / 2);
  const std::int64_t until = conv_product_channel(out, last);
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t o = conv_product_channel(out, first); o < until; ++o) {
      finish_plane(sums + (o * count + i) * pixels, w.out_w, rows, w.out_w,
                   bias == nullptr ? 0.0F : bias[o], epilogue.clamp, true,
                   pooled_y + (i * shape_.out_channels + o) * pooled);
    }
  }
}

}  // namespace nn::kernels
