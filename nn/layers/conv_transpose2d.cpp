#include <algorithm>

#include <nn/checked.h>
#include <nn/kernels/gemm.h>
#include <nn/kernels/im2col.h>
#include <nn/layers/conv_transpose2d.h>

namespace nn {
namespace {

// Products of this many floats are added to the output at a time: they stay in a second cache.
constexpr std::int64_t product_floats = 96 * 1024;

std::int64_t or_fail(std::optional<std::int64_t> size) {
  if (!size) fail("the sizes of this convolution do not fit 64 bits");
  return *size;
}

// (size − 1)·stride + dilation·(kernel − 1) + output_padding + 1 − 2·padding
std::int64_t output_size(std::int64_t size, std::int64_t kernel, std::int64_t stride,
                         std::int64_t padding, std::int64_t output_padding, std::int64_t dilation) {
  const std::int64_t last = or_fail(checked_multiply(size - 1, stride));
  const std::int64_t spread = or_fail(checked_multiply(dilation, kernel - 1));
  const std::int64_t covered = or_fail(checked_add(last, spread));
  const std::int64_t whole =
      or_fail(checked_add(covered, or_fail(checked_add<std::int64_t>(output_padding, 1))));
  const std::int64_t cut = or_fail(checked_multiply<std::int64_t>(padding, 2));
  return whole - cut;
}

// Adds the products [kernel_h · kernel_w, rows · W] of input rows [first, first + rows) to a plane.
// `w` describes the convolution whose transpose this is: its input is our output.
void add_products(const kernels::Windows& w, std::int64_t first, std::int64_t rows,
                  const float* products, float* plane) {
  for (std::int64_t i = 0; i < w.kernel_h; ++i) {
    for (std::int64_t j = 0; j < w.kernel_w; ++j, products += rows * w.out_w) {
      const std::int64_t shift = j * w.dilation_w - w.left;
      const kernels::Range columns = kernels::inside(w.out_w, w.stride_w, shift, w.width);
      for (std::int64_t row = 0; row < rows; ++row) {
        const std::int64_t at = (first + row) * w.stride_h + i * w.dilation_h - w.top;
        if (at < 0 || at >= w.height) continue;
        const float* from = products + row * w.out_w;
        float* to = plane + at * w.width;
        for (std::int64_t c = columns.first; c < columns.last; ++c) {
          to[c * w.stride_w + shift] += from[c];
        }
      }
    }
  }
}

}  // namespace

ConvTranspose2d::ConvTranspose2d(const Options& options) : options_(options) {
  const Options& o = options_;
  const std::string_view name = kind();
  if (o.in_channels <= 0) fail(name, ": in_channels must be positive, got ", o.in_channels);
  if (o.out_channels <= 0) fail(name, ": out_channels must be positive, got ", o.out_channels);
  if (o.kernel_size.h <= 0 || o.kernel_size.w <= 0) {
    fail(name,
         ": kernel size should be greater than zero, but got kernel_height: ", o.kernel_size.h,
         " kernel_width: ", o.kernel_size.w);
  }
  if (o.groups <= 0) fail(name, ": groups must be a positive integer, got ", o.groups);
  if (o.in_channels % o.groups != 0) {
    fail(name, ": in_channels must be divisible by groups, got ", o.in_channels, " and ", o.groups);
  }
  if (o.out_channels % o.groups != 0) {
    fail(name, ": out_channels must be divisible by groups, got ", o.out_channels, " and ",
         o.groups);
  }
  const Shape shape{o.in_channels, o.out_channels / o.groups, o.kernel_size.h, o.kernel_size.w};
  if (shape.numel(1, 4) > kernels::largest_gemm_size ||
      o.in_channels > kernels::largest_gemm_size) {
    fail(name, ": a weight of ", shape, " is larger than the ", kernels::largest_gemm_size,
         " rows and columns that a matrix product takes");
  }
  weight = Parameter(shape);
  if (o.bias) bias = Parameter(Shape{o.out_channels});
}

Shape ConvTranspose2d::output_shape(const Shape& in) const {
  const Options& o = options_;
  const std::size_t rank = in.rank();
  if (rank != 3 && rank != 4) {
    fail("Expected 3D (unbatched) or 4D (batched) input to conv_transpose2d, but got input of ",
         "size: ", in);
  }
  if (o.padding.h < 0 || o.padding.w < 0) fail("negative padding is not supported");
  if (o.output_padding.h < 0 || o.output_padding.w < 0) {
    fail("negative output_padding is not supported");
  }
  if (o.stride.h <= 0 || o.stride.w <= 0) fail("non-positive stride is not supported");
  if (o.dilation.h <= 0 || o.dilation.w <= 0) {
    fail("dilation should be greater than zero, but got [", o.dilation.h, ", ", o.dilation.w, "]");
  }
  if (o.output_padding.h >= std::max(o.stride.h, o.dilation.h) ||
      o.output_padding.w >= std::max(o.stride.w, o.dilation.w)) {
    fail("output padding must be smaller than either stride or dilation, but got ",
         "output_padding_height: ", o.output_padding.h,
         " output_padding_width: ", o.output_padding.w, " stride_height: ", o.stride.h,
         " stride_width: ", o.stride.w, " dilation_height: ", o.dilation.h,
         " dilation_width: ", o.dilation.w);
  }
  if (in[rank - 3] != o.in_channels) {
    const Shape batched = rank == 4 ? in : Shape{1, in[0], in[1], in[2]};
    fail("Given transposed=1, weight of size ", weight.shape(), ", expected input", batched,
         " to have ", o.in_channels, " channels, but got ", in[rank - 3], " channels instead");
  }
  if (in[rank - 2] == 0 || in[rank - 1] == 0) {
    fail("Only zero batch or zero channel inputs are supported, but got input shape: ", in);
  }
  const std::int64_t h = output_size(in[rank - 2], o.kernel_size.h, o.stride.h, o.padding.h,
                                     o.output_padding.h, o.dilation.h);
  const std::int64_t w = output_size(in[rank - 1], o.kernel_size.w, o.stride.w, o.padding.w,
                                     o.output_padding.w, o.dilation.w);
  if (h <= 0 || w <= 0) {
    fail("Given input size per channel: (", in[rank - 2], " x ", in[rank - 1],
         "). Calculated output size per channel: (", h, " x ", w, "). Output size is too small");
  }
  if (in.numel(rank - 2, rank) > kernels::largest_gemm_size) {
    fail("an input of ", in[rank - 2], " x ", in[rank - 1], " pixels is larger than the ",
         kernels::largest_gemm_size, " that a matrix product takes");
  }
  return in.with(rank - 3, o.out_channels).with(rank - 2, h).with(rank - 1, w);
}

std::int64_t ConvTranspose2d::depth() const { return weight.shape().numel(1, 4); }

std::int64_t ConvTranspose2d::rows_per_step(const Shape& in) const {
  const std::int64_t width = in[in.rank() - 1];
  const std::int64_t row = or_fail(checked_multiply(depth(), width));
  return std::clamp<std::int64_t>(product_floats / row, 1, in[in.rank() - 2]);
}

std::size_t ConvTranspose2d::scratch_bytes(const Shape& in) const {
  const std::int64_t row = or_fail(checked_multiply(depth(), in[in.rank() - 1]));
  return static_cast<std::size_t>(or_fail(checked_multiply<std::int64_t>(
      or_fail(checked_multiply(row, rows_per_step(in))), sizeof(float))));
}

std::int64_t ConvTranspose2d::multiply_adds(const Shape& in) const { return in.numel() * depth(); }

void ConvTranspose2d::forward(ConstTensorView x, TensorView y, Context& context) const {
  const Options& o = options_;
  const std::size_t rank = x.shape().rank();
  const std::int64_t images = rank == 4 ? x.shape()[0] : 1;
  const std::int64_t in_group = o.in_channels / o.groups;
  const std::int64_t out_group = o.out_channels / o.groups;
  kernels::Windows w;
  w.height = y.shape()[rank - 2];
  w.width = y.shape()[rank - 1];
  w.kernel_h = o.kernel_size.h;
  w.kernel_w = o.kernel_size.w;
  w.stride_h = o.stride.h;
  w.stride_w = o.stride.w;
  w.dilation_h = o.dilation.h;
  w.dilation_w = o.dilation.w;
  w.top = o.padding.h;
  w.left = o.padding.w;
  w.out_h = x.shape()[rank - 2];
  w.out_w = x.shape()[rank - 1];
  const std::int64_t pixels = w.out_h * w.out_w;
  const std::int64_t plane = w.height * w.width;
  const std::int64_t cells = w.kernel_h * w.kernel_w;
  const std::int64_t step = rows_per_step(x.shape());
  float* products = context.scratch_floats().data();
  const float* from = x.f32().data();
  float* to = y.f32().data();
  for (std::int64_t group = 0; group < images * o.groups; ++group) {
    const std::int64_t g = group % o.groups;
    for (std::int64_t c = 0; c < out_group; ++c) {
      const float start = o.bias ? bias.f32()[static_cast<std::size_t>(g * out_group + c)] : 0.0F;
      std::fill_n(to + c * plane, plane, start);
    }
    const float* group_weight = weight.f32().data() + g * in_group * depth();
    for (std::int64_t first = 0; first < w.out_h; first += step) {
      const std::int64_t rows = std::min(step, w.out_h - first);
      // [depth, in_group] x [in_group, rows · W]
      kernels::gemm(depth(), rows * w.out_w, in_group, {group_weight, depth(), true},
                    {from + first * w.out_w, pixels}, products, rows * w.out_w);
      for (std::int64_t c = 0; c < out_group; ++c) {
        add_products(w, first, rows, products + c * cells * rows * w.out_w, to + c * plane);
      }
    }
    from += in_group * pixels;
    to += out_group * plane;
  }
}

std::vector<NamedParameter> ConvTranspose2d::parameters() {
  std::vector<NamedParameter> result{{"weight", weight}};
  if (options_.bias) result.push_back({"bias", bias});
  return result;
}

std::string ConvTranspose2d::extra_repr() const {
  const Options& o = options_;
  std::string text = concat(o.in_channels, ", ", o.out_channels, ", kernel_size=", o.kernel_size,
                            ", stride=", o.stride);
  if (o.padding != IntPair(0)) text += concat(", padding=", o.padding);
  if (o.dilation != IntPair(1)) text += concat(", dilation=", o.dilation);
  if (o.output_padding != IntPair(0)) text += concat(", output_padding=", o.output_padding);
  if (o.groups != 1) text += concat(", groups=", o.groups);
  if (!o.bias) text += ", bias=False";
  return text;
}

}  // namespace nn
