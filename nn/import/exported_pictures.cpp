// The table's rows for pooling, resizing and padding.
#include <array>

#include <nn/import/exported_windows.h>
#include <nn/layers/adaptive_avg_pool2d.h>
#include <nn/layers/adaptive_max_pool2d.h>
#include <nn/layers/avg_pool2d.h>
#include <nn/layers/max_pool2d.h>
#include <nn/layers/pad.h>
#include <nn/layers/pool.h>
#include <nn/layers/upsample.h>

namespace nn {
namespace {

void max_pool2d(ExportedStep& step) {
  const IntPair kernel = pair(step, "kernel_size");
  step.give(MaxPool2d({.kernel_size = kernel,
                       .stride = pair(step, "stride", kernel),
                       .padding = pair(step, "padding", 0),
                       .dilation = pair(step, "dilation", 1),
                       .return_indices = step.wants(1),
                       .ceil_mode = step.boolean("ceil_mode", false)}),
            {step.tensor("self")});
}

void max_pool1d(ExportedStep& step) {
  const auto kernel = spread(step, "kernel_size", 1, 1);
  auto stride = step.integers("stride");
  if (stride.empty()) stride = kernel;
  give_row(step,
           MaxPool2d({.kernel_size = row(kernel[0], 1),
                      .stride = row(stride[0], 1),
                      .padding = row(spread(step, "padding", 0, 1)[0], 0),
                      .dilation = row(spread(step, "dilation", 1, 1)[0], 1),
                      .ceil_mode = step.boolean("ceil_mode", false)}),
           "self");
}

void avg_pool2d(ExportedStep& step) {
  const IntPair kernel = pair(step, "kernel_size");
  AvgPool2d::Options options{.kernel_size = kernel,
                             .stride = pair(step, "stride", kernel),
                             .padding = pair(step, "padding", 0),
                             .ceil_mode = step.boolean("ceil_mode", false),
                             .count_include_pad = step.boolean("count_include_pad", true)};
  if (step.gives("divisor_override")) options.divisor_override = step.integer("divisor_override");
  step.give(AvgPool2d(options), {step.tensor("self")});
}

void avg_pool1d(ExportedStep& step) {
  const auto kernel = spread(step, "kernel_size", 1, 1);
  auto stride = step.integers("stride");
  if (stride.empty()) stride = kernel;
  give_row(step,
           AvgPool2d({.kernel_size = row(kernel[0], 1),
                      .stride = row(stride[0], 1),
                      .padding = row(spread(step, "padding", 0, 1)[0], 0),
                      .ceil_mode = step.boolean("ceil_mode", false),
                      .count_include_pad = step.boolean("count_include_pad", true)}),
           "self");
}

// Of volumes.
void pool3d(ExportedStep& step, Pool::Op op) {
  const auto kernel = spread(step, "kernel_size", 0, 3);
  auto stride = step.integers("stride");
  stride = stride.empty() ? kernel : spread(step, "stride", 1, 3);
  const auto padding = spread(step, "padding", 0, 3);
  if (step.gives("divisor_override")) fail("argument 'divisor_override' is not supported");
  for (std::size_t i = 0; i < 3; ++i) {
    if (2 * padding[i] > kernel[i]) {
      fail("pad should be at most half of effective kernel size, but got pad=", padding[i],
           ", kernel_size=", kernel[i]);
    }
  }
  step.give(Pool({.op = op,
                  .kernel_size = kernel,
                  .stride = stride,
                  .before = padding,
                  .behind = padding,
                  .dilation = spread(step, "dilation", 1, 3),
                  .ceil_mode = step.boolean("ceil_mode", false),
                  .count_include_pad = step.boolean("count_include_pad", true)}),
            {step.tensor("self")});
}

void max_pool3d(ExportedStep& step) { pool3d(step, Pool::Op::max); }
void avg_pool3d(ExportedStep& step) { pool3d(step, Pool::Op::average); }

void adaptive_max_pool1d(ExportedStep& step) {
  const std::int64_t length = spread(step, "output_size", 1, 1)[0];
  if (step.wants(1)) fail("the places of the largest are not supported");
  give_row(step, AdaptiveMaxPool2d({.output_size = {1, length}}), "self");
}

void adaptive_avg_pool2d(ExportedStep& step) {
  const IntPair size = pair(step, "output_size");
  step.give(AdaptiveAvgPool2d({.output_size = {size.h, size.w}}), {step.tensor("self")});
}

void adaptive_avg_pool1d(ExportedStep& step) {
  const std::int64_t length = spread(step, "output_size", 1, 1)[0];
  give_row(step, AdaptiveAvgPool2d({.output_size = {1, length}}), "self");
}

void adaptive_max_pool2d(ExportedStep& step) {
  const IntPair size = pair(step, "output_size");
  step.give(AdaptiveMaxPool2d({.output_size = {size.h, size.w}, .return_indices = step.wants(1)}),
            {step.tensor("self")});
}

// The two factors that `.vec` or the plain form gives.
std::optional<Upsample::ScaleFactor> scales_of(const ExportedStep& step) {
  if (step.gives("scale_factors")) {
    const auto values = step.numbers("scale_factors");
    if (values.size() != 2) fail(values.size(), " scale factors are given, expected 2");
    return Upsample::ScaleFactor{values[0], values[1]};
  }
  if (step.gives("scales_h") && step.gives("scales_w")) {
    return Upsample::ScaleFactor{step.number("scales_h"), step.number("scales_w")};
  }
  return std::nullopt;
}

void upsample(ExportedStep& step, const std::string& mode) {
  const std::string_view input = step.gives("input") ? "input" : "self";
  Upsample::Options options{.scale_factor = scales_of(step), .mode = mode};
  if (mode == "bilinear" || mode == "bicubic") {
    options.align_corners = step.boolean("align_corners", false);
  }
  // A size beside a scale is what the scale gives.
  if (options.scale_factor) return step.give(Upsample(options), {step.tensor(input)});
  const auto make = [options](std::span<const Deferred::Argument> arguments) {
    const auto size = arguments[0].integers();
    if (size.size() != 2) fail("the output has ", size.size(), " sizes, expected 2");
    Upsample::Options sized = options;
    sized.size = IntPair{size[0], size[1]};
    return Module(Upsample(sized));
  };
  step.give({step.tensor(input)}, {.kind = "Upsample", .make = make}, {step.sizes("output_size")});
}

// Of signals: as a picture of one row.
void upsample1d(ExportedStep& step, const std::string& mode) {
  const std::string_view input = step.gives("input") ? "input" : "self";
  std::optional<double> scale;
  if (step.gives("scale_factors")) {
    const auto factors = step.numbers("scale_factors");
    if (factors.size() != 1) fail(factors.size(), " scale factors are given, expected 1");
    scale = factors[0];
  }
  if (step.gives("scales")) scale = step.number("scales");
  Upsample::Options options{.mode = mode};
  if (mode == "bilinear") options.align_corners = step.boolean("align_corners", false);
  if (scale) {
    options.scale_factor = Upsample::ScaleFactor{1, *scale};
  } else {
    options.size = IntPair{1, spread(step, "output_size", 1, 1)[0]};
  }
  give_row(step, Upsample(options), input);
}

void upsample_nearest1d(ExportedStep& step) { upsample1d(step, "nearest"); }
void upsample_nearest_exact1d(ExportedStep& step) { upsample1d(step, "nearest-exact"); }
void upsample_linear1d(ExportedStep& step) { upsample1d(step, "bilinear"); }

void upsample_nearest(ExportedStep& step) { upsample(step, "nearest"); }
void upsample_nearest_exact(ExportedStep& step) { upsample(step, "nearest-exact"); }
void upsample_bilinear(ExportedStep& step) { upsample(step, "bilinear"); }
void upsample_bicubic(ExportedStep& step) { upsample(step, "bicubic"); }

void pad_as(ExportedStep& step, std::string_view argument, const std::string& mode, double value) {
  const auto make = [mode, value](std::span<const Deferred::Argument> arguments) {
    const auto pad = arguments[0].integers();
    return Module(Pad({.pad = {pad.begin(), pad.end()}, .mode = mode, .value = value}));
  };
  step.give({step.tensor("self")}, {.kind = "Pad", .make = make}, {step.sizes(argument)});
}

void pad(ExportedStep& step) {
  pad_as(step, "pad", step.text("mode", "constant"), step.number("value", 0));
}
void constant_pad(ExportedStep& step) { pad_as(step, "pad", "constant", step.number("value", 0)); }
void reflection_pad(ExportedStep& step) { pad_as(step, "padding", "reflect", 0); }
void replication_pad(ExportedStep& step) { pad_as(step, "padding", "replicate", 0); }

constexpr std::array rows{
    ExportedOperator{"max_pool1d.default", max_pool1d},
    ExportedOperator{"max_pool2d.default", max_pool2d},
    ExportedOperator{"max_pool2d_with_indices.default", max_pool2d},
    ExportedOperator{"avg_pool1d.default", avg_pool1d},
    ExportedOperator{"avg_pool2d.default", avg_pool2d},
    ExportedOperator{"max_pool3d.default", max_pool3d},
    ExportedOperator{"max_pool3d_with_indices.default", max_pool3d},
    ExportedOperator{"avg_pool3d.default", avg_pool3d},
    ExportedOperator{"adaptive_max_pool1d.default", adaptive_max_pool1d},
    ExportedOperator{"adaptive_avg_pool1d.default", adaptive_avg_pool1d},
    ExportedOperator{"adaptive_avg_pool2d.default", adaptive_avg_pool2d},
    ExportedOperator{"_adaptive_avg_pool2d.default", adaptive_avg_pool2d},
    ExportedOperator{"adaptive_max_pool2d.default", adaptive_max_pool2d},
    ExportedOperator{"upsample_nearest1d.vec", upsample_nearest1d},
    ExportedOperator{"upsample_nearest1d.default", upsample_nearest1d},
    ExportedOperator{"_upsample_nearest_exact1d.vec", upsample_nearest_exact1d},
    ExportedOperator{"_upsample_nearest_exact1d.default", upsample_nearest_exact1d},
    ExportedOperator{"upsample_linear1d.vec", upsample_linear1d},
    ExportedOperator{"upsample_linear1d.default", upsample_linear1d},
    ExportedOperator{"upsample_nearest2d.vec", upsample_nearest},
    ExportedOperator{"upsample_nearest2d.default", upsample_nearest},
    ExportedOperator{"_upsample_nearest_exact2d.vec", upsample_nearest_exact},
    ExportedOperator{"_upsample_nearest_exact2d.default", upsample_nearest_exact},
    ExportedOperator{"upsample_bilinear2d.vec", upsample_bilinear},
    ExportedOperator{"upsample_bilinear2d.default", upsample_bilinear},
    ExportedOperator{"upsample_bicubic2d.vec", upsample_bicubic},
    ExportedOperator{"upsample_bicubic2d.default", upsample_bicubic},
    ExportedOperator{"pad.default", pad},
    ExportedOperator{"constant_pad_nd.default", constant_pad},
    ExportedOperator{"reflection_pad1d.default", reflection_pad},
    ExportedOperator{"reflection_pad2d.default", reflection_pad},
    ExportedOperator{"reflection_pad3d.default", reflection_pad},
    ExportedOperator{"replication_pad1d.default", replication_pad},
    ExportedOperator{"replication_pad2d.default", replication_pad},
    ExportedOperator{"replication_pad3d.default", replication_pad},
};

}  // namespace

std::span<const ExportedOperator> exported_picture_operators() { return rows; }

}  // namespace nn
