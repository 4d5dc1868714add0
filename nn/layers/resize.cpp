#include <algorithm>
#include <array>
#include <cmath>

#include <nn/layers/repr.h>
#include <nn/layers/resize.h>
#include <nn/layers/strides.h>

namespace nn {
namespace {

using Mode = Resize::Mode;
using Coordinates = Resize::Coordinates;
using Nearest = Resize::Nearest;

std::size_t taps_per_cell(Mode mode) {
  return mode == Mode::nearest ? 1 : mode == Mode::linear ? 2 : 4;
}

double place_of(const Resize::Options& options, const Resize::Axis& axis, double scale, double o,
                double in, double out) {
  const double half = (o + 0.5) / scale - 0.5;
  switch (options.coordinates) {
    case Coordinates::half_pixel:
      return half;
    case Coordinates::half_pixel_symmetric: {
      const double adjustment = out / (in * scale);
      return in / 2 * (1 - adjustment) + half;
    }
    case Coordinates::pytorch_half_pixel:
      return out > 1 ? half : 0;
    case Coordinates::align_corners: {
      const double length = axis.scale ? in * scale : out;  // before it is rounded down
      return out > 1 ? o * (in - 1) / (length - 1) : 0;
    }
    case Coordinates::asymmetric:
      return o / scale;
    case Coordinates::tf_half_pixel_for_nn:
      return (o + 0.5) / scale;
    default:
      return out > 1 ? (axis.roi_start + o * (axis.roi_end - axis.roi_start) / (out - 1)) * (in - 1)
                     : (axis.roi_start + axis.roi_end) / 2 * (in - 1);
  }
}

double nearest(Nearest way, double place) {
  switch (way) {
    case Nearest::round_prefer_floor:
      return std::ceil(place - 0.5);
    case Nearest::round_prefer_ceil:
      return std::floor(place + 0.5);
    case Nearest::floor:
      return std::floor(place);
    default:
      return std::ceil(place);
  }
}

// Of the cells from one left of the place to two right of it.
std::array<double, 4> cubic_weights(double a, double t) {
  const auto near = [a](double v) { return ((a + 2) * v - (a + 3)) * v * v + 1; };
  const auto far = [a](double v) { return ((a * v - 5 * a) * v + 8 * a) * v - 4 * a; };
  return {far(t + 1), near(t), near(1 - t), far(2 - t)};
}

}  // namespace

Shape Resize::output_shape(const Shape& in) const {
  Shape out = in;
  std::array<bool, Shape::max_rank> seen{};
  for (const Axis& axis : options_.axes) {
    const std::size_t dim = normalize_dim(axis.dim, in.rank());
    if (seen[dim]) fail("dimension ", dim, " is resized twice");
    seen[dim] = true;
    const double size = axis.size ? static_cast<double>(*axis.size)
                                  : std::floor(static_cast<double>(in[dim]) * *axis.scale);
    if (in[dim] < 1 || !(size >= 1 && size <= INT32_MAX)) {
      fail("Input and output sizes should be greater than 0, but got input ", in[dim], " output ",
           size, " at dimension ", dim);
    }
    if (axis.scale && !(*axis.scale > 0)) fail("the scale ", *axis.scale, " is not positive");
    out = out.with(dim, static_cast<std::int64_t>(size));
  }
  return out;
}

std::vector<Resize::Tap> Resize::taps_of(const Axis& axis, std::int64_t in,
                                         std::int64_t out) const {
  const Options& o = options_;
  const double scale =
      axis.scale ? *axis.scale : static_cast<double>(out) / static_cast<double>(in);
  const auto last = static_cast<double>(in - 1);
  std::vector<Tap> taps;
  for (std::int64_t cell = 0; cell < out; ++cell) {
    const double place = place_of(o, axis, scale, static_cast<double>(cell),
                                  static_cast<double>(in), static_cast<double>(out));
    const bool outside =
        o.coordinates == Coordinates::tf_crop_and_resize && !(place >= 0 && place <= last);
    std::array<double, 4> weights{1, 0, 0, 0};
    double first = std::floor(place);
    const std::size_t count = taps_per_cell(o.mode);
    if (o.mode == Mode::nearest) first = nearest(o.nearest, place);
    if (o.mode == Mode::linear) weights = {1 - (place - first), place - first};
    if (o.mode == Mode::cubic) {
      weights = cubic_weights(o.cubic_coeff_a, place - first);
      first -= 1;
    }
    double total = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double at = first + static_cast<double>(i);
      if (o.exclude_outside && (at < 0 || at > last)) weights[i] = 0;
      total += weights[i];
    }
    for (std::size_t i = 0; i < count; ++i) {
      const double at = std::clamp(first + static_cast<double>(i), 0.0, last);
      const double weight = o.exclude_outside ? weights[i] / total : weights[i];
      taps.push_back({outside ? -1 : static_cast<std::int64_t>(at), static_cast<float>(weight)});
    }
  }
  return taps;
}

void Resize::prepare(const Shape& in) {
  const Shape out = output_shape(in);
  const Dims strides = strides_of(in);
  taps_.clear();
  for (const Axis& axis : options_.axes) {
    const std::size_t dim = normalize_dim(axis.dim, in.rank());
    taps_.push_back(taps_of(axis, in[dim], out[dim]));
    for (Tap& tap : taps_.back()) tap.place = tap.place < 0 ? -1 : tap.place * strides[dim];
  }
}

void Resize::forward(ConstTensorView x, TensorView y) const {
  const std::size_t rank = x.shape().rank(), axes = options_.axes.size();
  const std::size_t count = taps_per_cell(options_.mode);
  const Dims strides = strides_of(x.shape());
  std::array<std::size_t, Shape::max_rank> axis_of{};  // 1 + which axis, by dimension
  for (std::size_t i = 0; i < axes; ++i) {
    axis_of[normalize_dim(options_.axes[i].dim, rank)] = i + 1;
  }
  Dims at{};
  for (float& value : y.f32()) {
    std::int64_t base = 0;
    std::array<const Tap*, Shape::max_rank> taps{};
    std::size_t used = 0;
    for (std::size_t dim = 0; dim < rank; ++dim) {
      if (axis_of[dim] == 0) {
        base += at[dim] * strides[dim];
      } else {
        taps[used++] = taps_[axis_of[dim] - 1].data() + static_cast<std::size_t>(at[dim]) * count;
      }
    }
    // All combinations of taps, the last axis fastest.
    std::array<std::size_t, Shape::max_rank> choice{};
    float total = 0;
    bool outside = false;
    for (bool more = true; more;) {
      float weight = 1;
      std::int64_t place = base;
      for (std::size_t i = 0; i < used; ++i) {
        const Tap& tap = taps[i][choice[i]];
        outside = outside || tap.place < 0;
        weight *= tap.weight;
        place += tap.place;
      }
      if (outside) break;
      total += used == 0 || weight == 1 ? x.f32()[static_cast<std::size_t>(place)]
                                        : weight * x.f32()[static_cast<std::size_t>(place)];
      more = false;
      for (std::size_t i = used; i-- > 0;) {
        if (++choice[i] < count) {
          more = true;
          break;
        }
        choice[i] = 0;
      }
    }
    value = outside ? static_cast<float>(options_.extrapolation_value) : total;
    for (std::size_t dim = rank; dim-- > 0;) {
      if (++at[dim] < y.shape()[dim]) break;
      at[dim] = 0;
    }
  }
}

bool Resize::rows_independent(const Shape& in) const {
  return in.rank() > 0 && std::ranges::all_of(options_.axes, [&](const Axis& axis) {
           return normalize_dim(axis.dim, in.rank()) != 0;
         });
}

std::string Resize::extra_repr() const {
  constexpr std::array<std::string_view, 3> modes{"nearest", "linear", "cubic"};
  std::string sizes;
  for (const Axis& axis : options_.axes) {
    sizes += concat(sizes.empty() ? "" : ", ", "dim ", axis.dim, axis.size ? " to " : " times ",
                    axis.size ? concat(*axis.size) : repr(*axis.scale));
  }
  return concat(sizes, ", mode='", modes[static_cast<std::size_t>(options_.mode)], "'");
}

}  // namespace nn
