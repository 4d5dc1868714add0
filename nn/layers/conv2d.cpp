#include <algorithm>
#include <array>

#include <nn/checked.h>
#include <nn/kernels/depthwise.h>
#include <nn/kernels/epilogue.h>
#include <nn/kernels/fast_conv.h>
#include <nn/kernels/gemm.h>
#include <nn/layers/conv2d.h>
#include <nn/layers/pad.h>

namespace nn {
namespace {

// The windows of this many floats are spelled out at a time: half of a usual second cache, so that
// they are still there when the product reads them.
constexpr std::int64_t column_floats = 96 * 1024;

// One axis of the convolution: the cells that its dilated kernel covers, the padding before and
// after its input, and the input with both.
struct Axis {
  std::int64_t extent, before, after, padded;
};

std::int64_t or_fail(std::optional<std::int64_t> size) {
  if (!size) fail("the sizes of this convolution do not fit 64 bits");
  return *size;
}

Axis axis_of(std::int64_t size, std::int64_t kernel, std::int64_t dilation, const Padding& padding,
             std::int64_t number) {
  Axis axis{};
  const std::int64_t spread = or_fail(checked_multiply(dilation, kernel - 1));
  axis.extent = or_fail(checked_add<std::int64_t>(spread, 1));
  if (padding.mode() == Padding::Mode::same) {
    axis.before = spread / 2;
    axis.after = spread - axis.before;
  } else if (padding.mode() == Padding::Mode::numbers) {
    axis.before = axis.after = number;
  }
  axis.padded = or_fail(checked_add(or_fail(checked_add(size, axis.before)), axis.after));
  return axis;
}

std::int64_t windows_per_step(std::int64_t depth, std::int64_t windows) {
  const std::int64_t count = std::max<std::int64_t>(column_floats / depth, 1);
  return std::min(windows, count < 16 ? count : count - count % 16);
}

void require_padding_below(std::int64_t padding, int dimension) {
  constexpr std::int64_t largest = INT64_MAX / 2;
  if (padding > largest) {
    fail("Given padding=", padding, " at dimension ", dimension,
         " , expected padding to be at most ", largest);
  }
}

}  // namespace

Conv2d::Conv2d(const Options& options)
    : options_(options), padding_mode_(pad_mode("Conv2d", options.padding_mode)) {
  const Options& o = options_;
  if (o.in_channels <= 0) fail("Conv2d: in_channels must be positive, got ", o.in_channels);
  if (o.out_channels <= 0) fail("Conv2d: out_channels must be positive, got ", o.out_channels);
  if (o.kernel_size.h <= 0 || o.kernel_size.w <= 0) {
    fail("Conv2d: kernel size should be greater than zero, but got kernel_height: ",
         o.kernel_size.h, " kernel_width: ", o.kernel_size.w);
  }
  if (o.groups <= 0) fail("Conv2d: groups must be a positive integer, got ", o.groups);
  if (o.in_channels % o.groups != 0) {
    fail("Conv2d: in_channels must be divisible by groups, got ", o.in_channels, " and ", o.groups);
  }
  if (o.out_channels % o.groups != 0) {
    fail("Conv2d: out_channels must be divisible by groups, got ", o.out_channels, " and ",
         o.groups);
  }
  if (o.padding.mode() == Padding::Mode::same && o.stride != IntPair(1)) {
    fail("Conv2d: padding='same' is not supported for strided convolutions");
  }
  const Shape shape{o.out_channels, o.in_channels / o.groups, o.kernel_size.h, o.kernel_size.w};
  if (shape.numel(1, 4) > kernels::largest_gemm_size ||
      o.out_channels > kernels::largest_gemm_size) {
    fail("Conv2d: a weight of ", shape, " is larger than the ", kernels::largest_gemm_size,
         " rows and columns that a matrix product takes");
  }
  weight = Parameter(shape);
  if (o.bias) bias = Parameter(Shape{o.out_channels});
}

kernels::Windows Conv2d::windows_of(const Shape& in) const {
  const Options& o = options_;
  if (in.rank() != 3 && in.rank() != 4) {
    fail("Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: ", in);
  }
  const std::int64_t channels = in[in.rank() - 3];
  kernels::Windows w;
  w.height = in[in.rank() - 2];
  w.width = in[in.rank() - 1];
  w.kernel_h = o.kernel_size.h;
  w.kernel_w = o.kernel_size.w;
  w.stride_h = o.stride.h;
  w.stride_w = o.stride.w;

  const IntPair number =
      o.padding.mode() == Padding::Mode::numbers ? o.padding.numbers() : IntPair(0);
  if (number.h < 0 || number.w < 0) fail("negative padding is not supported");
  require_padding_below(number.h, 0);
  require_padding_below(number.w, 1);
  if (o.stride.h <= 0 || o.stride.w <= 0) fail("non-positive stride is not supported");
  if (o.dilation.h <= 0 || o.dilation.w <= 0) {
    fail("dilation should be greater than zero, but got [", o.dilation.h, ", ", o.dilation.w, "]");
  }
  if (channels != o.in_channels) {
    const Shape batched = in.rank() == 4 ? in : Shape{1, in[0], in[1], in[2]};
    fail("Given groups=", o.groups, ", weight of size ", weight.shape(), ", expected input",
         batched, " to have ", o.in_channels, " channels, but got ", channels, " channels instead");
  }
  const Axis h = axis_of(w.height, w.kernel_h, o.dilation.h, o.padding, number.h);
  const Axis v = axis_of(w.width, w.kernel_w, o.dilation.w, o.padding, number.w);
  if (h.extent > h.padded || v.extent > v.padded) {
    fail("Calculated padded input size per channel: (", h.padded, " x ", v.padded,
         "). Kernel size: (", h.extent, " x ", v.extent,
         "). Kernel size can't be greater than actual input size");
  }
  if (w.height == 0 || w.width == 0) {
    fail("Only zero batch or zero channel inputs are supported, but got input shape: ", in);
  }
  if (Shape{h.padded, v.padded}.numel() > kernels::largest_gemm_size) {
    fail("a padded input of ", h.padded, " x ", v.padded, " pixels is larger than the ",
         kernels::largest_gemm_size, " that a matrix product takes");
  }
  // One cell has no distance to the next, whatever the dilation says.
  w.dilation_h = w.kernel_h == 1 ? 1 : o.dilation.h;
  w.dilation_w = w.kernel_w == 1 ? 1 : o.dilation.w;
  w.out_h = (h.padded - h.extent) / w.stride_h + 1;
  w.out_w = (v.padded - v.extent) / w.stride_w + 1;
  if (padding_mode_ == kernels::PadMode::constant) {
    w.top = h.before;
    w.left = v.before;
  } else {
    w.height = h.padded;
    w.width = v.padded;
    w.top = w.left = 0;
  }
  return w;
}

Conv2d::Around Conv2d::around(const Shape& in) const {
  const std::int64_t height = in[in.rank() - 2], width = in[in.rank() - 1];
  const Options& o = options_;
  const IntPair number =
      o.padding.mode() == Padding::Mode::numbers ? o.padding.numbers() : IntPair(0);
  const Axis h = axis_of(height, o.kernel_size.h, o.dilation.h, o.padding, number.h);
  const Axis v = axis_of(width, o.kernel_size.w, o.dilation.w, o.padding, number.w);
  return {{height, h.before, h.after}, {width, v.before, v.after}};
}

void Conv2d::require_padding(const Shape& in) const {
  if (padding_mode_ == kernels::PadMode::constant) return;
  const auto [h, w] = around(in);
  const std::vector<TensorSpec> specs{{in, DType::float32}};
  Pad({.pad = {w.before, w.after, h.before, h.after}, .mode = options_.padding_mode})
      .outputs(specs);
}

std::span<const float> Conv2d::images_of(ConstTensorView x, Context& context) const {
  if (padding_mode_ == kernels::PadMode::constant) return x.f32();
  const auto [h, w] = around(x.shape());
  const std::int64_t planes = x.shape().numel(0, x.shape().rank() - 2);
  const auto count = static_cast<std::size_t>(planes * h.padded() * w.padded());
  const std::span<float> padded = context.scratch_floats().last(count);
  const std::array dims{kernels::PadDim{planes}, h, w};
  kernels::pad(padding_mode_, dims, sizeof(float), {}, std::as_bytes(x.f32()),
               std::as_writable_bytes(padded));
  return padded;
}

Shape Conv2d::output_shape(const Shape& in) const {
  const kernels::Windows w = windows_of(in);
  require_padding(in);
  const std::int64_t h = max_pool ? w.out_h / 2 : w.out_h;
  const std::int64_t v = max_pool ? w.out_w / 2 : w.out_w;
  if (in.rank() == 3) return {options_.out_channels, h, v};
  return {in[0], options_.out_channels, h, v};
}

Conv2d::Method Conv2d::method_of(const kernels::Windows& w) const {
  if (options_.groups > 1 && options_.groups == options_.in_channels) return Method::depthwise;
  const bool every_pixel = w.kernel_h == 1 && w.kernel_w == 1 && w.stride_h == 1 &&
                           w.stride_w == 1 && w.out_h == w.height && w.out_w == w.width;
  return every_pixel ? Method::pointwise : Method::columns;
}

void Conv2d::pack(const Shape& in, const PackOptions& pack) {
  const std::int64_t images = in.rank() == 4 ? in[0] : 1;
  auto fast = kernels::FastConv::choose(
      {windows_of(in), options_.in_channels, options_.out_channels, options_.groups}, images,
      max_pool, weight.f32(), pack.weights);
  fast_ = fast ? std::make_shared<const kernels::FastConv>(*std::move(fast)) : nullptr;
}

std::int64_t Conv2d::column_scratch(const kernels::Windows& w) const {
  const std::int64_t depth = weight.shape().numel(1, 4);
  switch (method_of(w)) {
    case Method::depthwise:
    case Method::pointwise:
      return 0;
    case Method::columns:
      break;
  }
  return depth * windows_per_step(depth, w.out_h * w.out_w);
}

std::size_t Conv2d::scratch_bytes(const Shape& in) const {
  const kernels::Windows w = windows_of(in);
  std::int64_t floats = column_scratch(w);
  if (max_pool) floats += options_.out_channels * w.out_h * w.out_w;  // sums, before the pool
  const std::int64_t images = in.rank() == 4 ? in[0] : 1;
  if (fast_) floats = std::max(floats, fast_->scratch(images));
  if (padding_mode_ != kernels::PadMode::constant) {
    floats += Shape{images, options_.in_channels, w.height, w.width}.numel();
  }
  return static_cast<std::size_t>(floats) * sizeof(float);
}

void Conv2d::sum_group(const kernels::Windows& w, const float* x, const float* group_weight,
                       float* sums, float* scratch) const {
  const std::int64_t out = options_.out_channels / options_.groups;
  const std::int64_t in = weight.shape()[1];
  const std::int64_t depth = weight.shape().numel(1, 4);
  const std::int64_t pixels = w.out_h * w.out_w;
  // An image that the packed kernel does not take, in the middle of a run, is no time to open a BLAS.
  const auto product = fast_ ? kernels::gemm_plain : kernels::gemm;
  switch (method_of(w)) {
    case Method::depthwise:
      for (std::int64_t o = 0; o < out; ++o) {
        kernels::depthwise_plain(w, x, group_weight + o * depth, sums + o * pixels);
      }
      return;
    case Method::pointwise:  // [out, in] x [in, H*W]
      product(out, pixels, in, {group_weight, in}, {x, pixels}, sums, pixels);
      return;
    case Method::columns:
      break;
  }
  const std::int64_t step = windows_per_step(depth, pixels);
  for (std::int64_t begin = 0; begin < pixels; begin += step) {
    const std::int64_t count = std::min(step, pixels - begin);
    kernels::im2col(w, in, x, begin, begin + count, scratch);
    // [out, in*kh*kw] x [in*kh*kw, count] -> [out, count] of [out, H'*W']
    product(out, count, depth, {group_weight, depth}, {scratch, count}, sums + begin, pixels);
  }
}

void Conv2d::forward_image(const kernels::Windows& w, const float* x,
                           const kernels::Epilogue& epilogue, float* y, float* scratch) const {
  const std::int64_t groups = options_.groups;
  const std::int64_t pixels = w.out_h * w.out_w;
  const std::int64_t group_in = weight.shape()[1] * w.height * w.width;
  const std::int64_t group_out = options_.out_channels / groups * pixels;
  const std::int64_t group_weight = weight.shape().numel() / groups;
  float* const sums = max_pool ? scratch + column_scratch(w) : y;
  for (std::int64_t g = 0; g < groups; ++g) {
    sum_group(w, x + g * group_in, weight.f32().data() + g * group_weight, sums + g * group_out,
              scratch);
  }
  // While the image is in the cache: channel by channel.
  const std::int64_t y_pixels = max_pool ? (w.out_h / 2) * (w.out_w / 2) : pixels;
  for (std::int64_t o = 0; o < options_.out_channels; ++o) {
    kernels::finish_plane(sums + o * pixels, w.out_w, w.out_h, w.out_w,
                          epilogue.bias == nullptr ? 0.0F : epilogue.bias[o], epilogue.clamp,
                          epilogue.max_pool, y + o * y_pixels);
  }
}

void Conv2d::forward(ConstTensorView x, TensorView y, Context& context) const {
  const std::int64_t images = x.shape().rank() == 4 ? x.shape()[0] : 1;
  if (images == 0) return;
  const std::span<const float> from_images = images_of(x, context);
  const auto image_in = from_images.size() / static_cast<std::size_t>(images);
  const auto image_out = y.f32().size() / static_cast<std::size_t>(images);
  const auto clamp = kernels::clamp_of(activation);
  const kernels::Epilogue epilogue{options_.bias ? bias.f32().data() : nullptr,
                                   clamp.value_or(kernels::Clamp{}), max_pool};

  const auto takes = [&](std::int64_t n) {
    return fast_ &&
           fast_->takes(from_images.subspan(static_cast<std::size_t>(n) * image_in, image_in));
  };
  for (std::int64_t n = 0; n < images;) {
    const std::int64_t first = n;
    while (n < images && takes(n)) ++n;
    const float* from = from_images.data() + static_cast<std::size_t>(first) * image_in;
    float* to = y.f32().data() + static_cast<std::size_t>(first) * image_out;
    if (n > first) {
      const std::int64_t parts = fast_->parts(n - first, context.threads());
      context.share(parts, [&](std::int64_t part, Context& own) {
        fast_->run(n - first, from, epilogue, {part, parts}, to, own.scratch_floats().data());
      });
    } else {
      forward_image(windows_of(x.shape()), from, epilogue, to, context.scratch_floats().data());
      ++n;
    }
  }
  if (!clamp) kernels::activate(activation, y.f32(), y.f32());
}

std::int64_t Conv2d::multiply_adds(const Shape& in) const {
  const kernels::Windows w = windows_of(in);
  const std::int64_t images = in.rank() == 4 ? in[0] : 1;
  return Shape{images, w.out_h, w.out_w, weight.shape().numel()}.numel();
}

std::string Conv2d::kernel() const { return fast_ ? fast_->name() : "windows as columns"; }

std::vector<NamedParameter> Conv2d::parameters() {
  std::vector<NamedParameter> result{{"weight", weight}};
  if (options_.bias) result.push_back({"bias", bias});
  return result;
}

std::string Conv2d::extra_repr() const {
  const Options& o = options_;
  std::string text = concat(o.in_channels, ", ", o.out_channels, ", kernel_size=", o.kernel_size,
                            ", stride=", o.stride);
  if (o.padding != Padding(0)) text += concat(", padding=", o.padding);
  if (o.dilation != IntPair(1)) text += concat(", dilation=", o.dilation);
  if (o.groups != 1) text += concat(", groups=", o.groups);
  if (!o.bias) text += ", bias=False";
  if (o.padding_mode != "zeros") text += ", padding_mode=" + o.padding_mode;
  return text;
}

}  // namespace nn
