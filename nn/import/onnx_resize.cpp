// The table's rows for other sizes and for cells around a tensor.
#include <algorithm>
#include <array>
#include <cmath>

#include <nn/import/common_layers.h>
#include <nn/import/onnx_step.h>
#include <nn/layers/cast.h>
#include <nn/layers/pad.h>
#include <nn/layers/resize.h>
#include <nn/layers/upsample.h>

namespace nn {
namespace {

using Arguments = std::span<const Deferred::Argument>;

// The word's place in a list; throws Error for another.
template <std::size_t n>
std::size_t place_of(const std::array<std::string_view, n>& words, const std::string& word,
                     std::string_view attribute) {
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) {
    std::string known;
    for (const std::string_view w : words) known += concat(known.empty() ? "" : ", ", w);
    fail("attribute '", attribute, "' is '", printable(word), "', expected one of ", known);
  }
  return static_cast<std::size_t>(found - words.begin());
}

constexpr std::array<std::string_view, 3> modes{"nearest", "linear", "cubic"};
constexpr std::array<std::string_view, 7> coordinates{
    "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
    "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize"};
constexpr std::array<std::string_view, 4> nearest_modes{"round_prefer_floor", "round_prefer_ceil",
                                                        "floor", "ceil"};

// What a Resize asks for, as far as the file tells it.
struct Request {
  Resize::Options options = {};
  std::vector<std::int64_t> axes = {};  // empty: all
  std::vector<double> scales = {};      // or sizes as an argument
  std::vector<double> roi = {};
  std::string policy = "stretch";
  bool of_pytorch =
      false;  // which tells of corners by whole sizes where the standard has in · scale
};

// Does Upsample compute the same, for pictures [N, C, H, W] of these sizes?
bool is_upsample(const Request& request, const Resize::Options& o, const Shape& in,
                 const Shape& out) {
  if (in.rank() != 4 || in[0] != out[0] || in[1] != out[1]) return false;
  using C = Resize::Coordinates;
  const C c = o.coordinates;
  if (o.exclude_outside || o.axes.size() != 2) return false;
  if (o.mode == Resize::Mode::nearest) {
    return c == C::asymmetric && o.nearest == Resize::Nearest::floor;
  }
  if (o.mode == Resize::Mode::cubic && o.cubic_coeff_a != -0.75) return false;
  for (const Resize::Axis& axis : o.axes) {
    const auto dim = static_cast<std::size_t>(axis.dim);
    const bool whole =
        !axis.scale || static_cast<double>(in[dim]) * *axis.scale == static_cast<double>(out[dim]);
    if (c == C::align_corners && !whole && !request.of_pytorch) return false;
  }
  const bool several = out[2] > 1 && out[3] > 1;
  return c == C::half_pixel || c == C::align_corners || (c == C::pytorch_half_pixel && several);
}

Module upsample_of(const Resize::Options& o, const Shape& out) {
  constexpr std::array<const char*, 3> names{"nearest", "bilinear", "bicubic"};
  Upsample::Options options{.mode = names[static_cast<std::size_t>(o.mode)]};
  if (o.mode != Resize::Mode::nearest) {
    options.align_corners = o.coordinates == Resize::Coordinates::align_corners;
  }
  if (o.axes[0].scale && o.axes[1].scale) {
    options.scale_factor = Upsample::ScaleFactor{*o.axes[0].scale, *o.axes[1].scale};
  } else {
    options.size = IntPair(out[2], out[3]);
  }
  return Upsample(options);
}

Module resize_of(const Request& request, std::span<const std::int64_t> in,
                 std::span<const std::int64_t> sizes) {
  Resize::Options options = request.options;
  std::vector<std::int64_t> axes = request.axes;
  if (axes.empty()) {
    for (std::size_t i = 0; i < in.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  const std::size_t count = sizes.empty() ? request.scales.size() : sizes.size();
  if (count != axes.size()) fail(count, " sizes or scales are given for ", axes.size(), " axes");
  std::vector<Resize::Axis> all;
  double common = 0;  // the scale that keeps the aspect ratio
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t dim = normalize_dim(axes[i], in.size());
    Resize::Axis axis{.dim = static_cast<std::int64_t>(dim)};
    if (sizes.empty()) {
      axis.scale = request.scales[i];
    } else {
      axis.size = sizes[i];
      const double scale = static_cast<double>(sizes[i]) / static_cast<double>(in[dim]);
      const bool better = request.policy == "not_larger" ? scale < common : scale > common;
      if (i == 0 || better) common = scale;
    }
    if (!request.roi.empty()) {
      if (request.roi.size() != 2 * axes.size()) {
        fail("roi has ", request.roi.size(), " numbers, expected ", 2 * axes.size());
      }
      axis.roi_start = request.roi[i];
      axis.roi_end = request.roi[axes.size() + i];
    }
    all.push_back(axis);
  }
  const bool crops = options.coordinates == Resize::Coordinates::tf_crop_and_resize;
  for (Resize::Axis& axis : all) {
    const std::int64_t size = in[static_cast<std::size_t>(axis.dim)];
    if (!sizes.empty() && request.policy != "stretch") {
      axis.scale = common;
      axis.size = static_cast<std::int64_t>(std::floor(common * static_cast<double>(size) + 0.5));
    }
    const bool same = axis.size ? *axis.size == size : *axis.scale == 1;
    if (!same || crops) options.axes.push_back(axis);
  }
  const Shape from(in), to = Resize(options).output_shape(from);
  if (is_upsample(request, options, from, to)) return upsample_of(options, to);
  return Resize(options);
}

void give_resized(OnnxStep& step, const Request& request, const Operand& x) {
  const auto make = [request](Arguments arguments) {
    const auto sizes =
        arguments.size() > 1 ? arguments[1].integers() : std::span<const std::int64_t>();
    return resize_of(request, arguments[0].integers(), sizes);
  };
  if (!request.scales.empty()) {
    return step.give({x}, {.kind = "Resize", .make = make}, {step.sizes_of(x)});
  }
  step.give({x}, {.kind = "Resize", .make = make}, {step.sizes_of(x), step.input(3)});
}

std::vector<double> known_numbers(const OnnxStep& step, std::size_t i) {
  const Tensor numbers = to(*step.weight(i), DType::float32);
  return {numbers.f32().begin(), numbers.f32().end()};
}

bool gives_numbers(const OnnxStep& step, std::size_t i) {
  return step.gives(i) && !(step.input(i).known() && step.weight(i)->numel() == 0);
}

void resize(OnnxStep& step) {
  using C = Resize::Coordinates;
  Request request{.of_pytorch = step.producer() == "pytorch"};
  Resize::Options& o = request.options;
  o.mode = static_cast<Resize::Mode>(place_of(modes, step.text("mode", "nearest"), "mode"));
  if (step.opset() <= 10) {  // X, scales
    o.coordinates = C::asymmetric;
    o.nearest = Resize::Nearest::floor;
    request.scales = known_numbers(step, 1);
    return give_resized(step, request, step.input(0));
  }
  if (step.integer("antialias", 0) != 0) fail("attribute 'antialias' is 1, expected 0");
  o.coordinates = static_cast<C>(place_of(coordinates,
                                          step.text("coordinate_transformation_mode", "half_pixel"),
                                          "coordinate_transformation_mode"));
  o.nearest = static_cast<Resize::Nearest>(
      place_of(nearest_modes, step.text("nearest_mode", "round_prefer_floor"), "nearest_mode"));
  o.cubic_coeff_a = step.number("cubic_coeff_a", -0.75);
  o.exclude_outside = step.integer("exclude_outside", 0) != 0;
  o.extrapolation_value = step.number("extrapolation_value", 0);
  request.axes = step.integers("axes");
  request.policy = step.text("keep_aspect_ratio_policy", "stretch");
  constexpr std::array<std::string_view, 3> policies{"stretch", "not_larger", "not_smaller"};
  place_of(policies, request.policy, "keep_aspect_ratio_policy");
  if (o.coordinates == C::tf_crop_and_resize) request.roi = known_numbers(step, 1);
  if (gives_numbers(step, 2)) {
    request.scales = known_numbers(step, 2);
  } else if (!step.gives(3)) {
    fail("neither scales nor sizes are given");
  }
  give_resized(step, request, step.input(0));
}

void upsample(OnnxStep& step) {
  Request request;
  request.options.mode =
      static_cast<Resize::Mode>(place_of(modes, step.text("mode", "nearest"), "mode"));
  request.options.coordinates = Resize::Coordinates::asymmetric;
  request.options.nearest = Resize::Nearest::floor;
  if (step.opset() >= 9) {
    request.scales = known_numbers(step, 1);
  } else {
    request.scales = step.numbers("scales");
  }
  give_resized(step, request, step.input(0));
}

// Of ONNX: all begins, then all ends; of Pad: begin and end of the last dimension first.
Module pad_of(std::span<const std::int64_t> pads, std::span<const std::int64_t> axes,
              std::span<const std::int64_t> sizes, const std::string& mode, double value) {
  const std::size_t count = pads.size() / 2;
  if (pads.size() % 2 != 0 || (!axes.empty() && axes.size() != count)) {
    fail("pads are ", pads.size(), " numbers for ", axes.size(), " axes, expected twice as many");
  }
  std::size_t rank = sizes.empty() ? count : sizes.size();
  if (axes.empty() && rank != count) {
    fail("pads are ", pads.size(), " numbers, expected ", 2 * rank, " for ", rank, " dimensions");
  }
  std::vector<std::int64_t> pad(2 * rank);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t dim = axes.empty() ? i : normalize_dim(axes[i], rank);
    pad[2 * (rank - 1 - dim)] = pads[i];
    pad[2 * (rank - 1 - dim) + 1] = pads[count + i];
  }
  while (pad.size() > 2 && pad.back() == 0 && pad[pad.size() - 2] == 0) pad.resize(pad.size() - 2);
  return Pad({.pad = pad, .mode = mode, .value = value});
}

void pad(OnnxStep& step) {
  constexpr std::array<std::string_view, 4> words{"constant", "reflect", "edge", "wrap"};
  constexpr std::array<const char*, 4> names{"constant", "reflect", "replicate", "circular"};
  const std::string mode = names[place_of(words, step.text("mode", "constant"), "mode")];
  const Operand x = step.input(0);
  if (step.opset() < 11) {
    const auto pads = step.integers("pads");
    return step.give(pad_of(pads, {}, {}, mode, step.number("value", 0)), {x});
  }
  double value = 0;
  if (step.gives(2)) {
    const Values& number = step.weight(2);
    if (number->numel() == 1) value = to(*number, DType::float64).as<double>()[0];
  }
  if (!step.gives(3)) {
    const auto make = [mode, value](Arguments arguments) {
      return pad_of(arguments[0].integers(), {}, {}, mode, value);
    };
    return step.give({x}, {.kind = "Pad", .make = make}, {step.input(1)});
  }
  const auto make = [mode, value](Arguments arguments) {
    return pad_of(arguments[0].integers(), arguments[1].integers(), arguments[2].integers(), mode,
                  value);
  };
  step.give({x}, {.kind = "Pad", .make = make}, {step.input(1), step.input(3), step.sizes_of(x)});
}

constexpr std::array rows{
    OnnxOperator{"Resize", resize},
    OnnxOperator{"Upsample", upsample},
    OnnxOperator{"Pad", pad},
};

}  // namespace

std::span<const OnnxOperator> onnx_resize_operators() { return rows; }

}  // namespace nn
