#include <array>
#include <cmath>

#include <nn/checked.h>
#include <nn/kernels/resample.h>
#include <nn/layers/repr.h>
#include <nn/layers/upsample.h>

namespace nn {
namespace {

using kernels::Resampling;

struct Mode {
  std::string_view name;
  Resampling how;
};
constexpr std::array modes{
    Mode{"nearest", Resampling::nearest}, Mode{"nearest-exact", Resampling::nearest_exact},
    Mode{"bilinear", Resampling::linear}, Mode{"bicubic", Resampling::cubic}};

Resampling resampling_of(std::string_view name) {
  for (const Mode& mode : modes) {
    if (mode.name == name) return mode.how;
  }
  fail("Upsample: expected mode nearest, nearest-exact, bilinear or bicubic, got '",
       printable(name), "'");
}

std::int64_t scaled(std::int64_t size, double factor) {
  const double result = std::floor(static_cast<double>(size) * factor);
  if (!(result >= 0 && result <= INT32_MAX)) {
    fail("a size of ", size, " times scale_factor ", repr(factor), " is none of 0 to ", INT32_MAX);
  }
  return static_cast<std::int64_t>(result);
}

}  // namespace

Upsample::Upsample(const Options& options) : options_(options) {
  const Options& o = options_;
  if (o.size && o.scale_factor) {
    fail("Upsample: only one of size or scale_factor should be defined");
  }
  if (!o.size && !o.scale_factor) {
    fail("Upsample: either size or scale_factor should be defined");
  }
  const Resampling how = resampling_of(o.mode);
  if (o.align_corners && how != Resampling::linear && how != Resampling::cubic) {
    fail("Upsample: align_corners option can only be set with the interpolating modes: linear | ",
         "bilinear | bicubic | trilinear");
  }
  if (o.recompute_scale_factor && o.size) {
    fail("Upsample: recompute_scale_factor is not meaningful with an explicit size.");
  }
}

Shape Upsample::output_shape(const Shape& in) const {
  if (in.rank() != 4) {
    fail("expected a 4D input [N, C, H, W] for mode ", options_.mode, ", got ", in);
  }
  IntPair out = options_.size.value_or(IntPair(0));
  if (options_.scale_factor) {
    out = {scaled(in[2], options_.scale_factor->h), scaled(in[3], options_.scale_factor->w)};
  }
  const auto fits = [](std::int64_t size) { return size > 0 && size <= INT32_MAX; };
  if (!fits(in[2]) || !fits(in[3]) || !fits(out.h) || !fits(out.w)) {
    fail("Input and output sizes should be greater than 0, but got input (H: ", in[2],
         ", W: ", in[3], ") output (H: ", out.h, ", W: ", out.w, ")");
  }
  return {in[0], in[1], out.h, out.w};
}

std::optional<double> Upsample::scale(bool rows) const {
  if (!options_.scale_factor || options_.recompute_scale_factor) return std::nullopt;
  return rows ? options_.scale_factor->h : options_.scale_factor->w;
}

std::size_t Upsample::scratch_bytes(const Shape& in) const {
  const Shape out = output_shape(in);
  const std::int64_t taps = kernels::taps_of(resampling_of(options_.mode));
  return static_cast<std::size_t>((out[2] + out[3]) * taps) * sizeof(kernels::Tap);
}

void Upsample::forward(ConstTensorView x, TensorView y, Context& context) const {
  const Resampling how = resampling_of(options_.mode);
  const Shape& in = x.shape();
  const Shape& out = y.shape();
  const std::int64_t count = kernels::taps_of(how);
  const bool align = options_.align_corners.value_or(false);
  auto* taps = reinterpret_cast<kernels::Tap*>(context.scratch().data());
  const std::span rows(taps, static_cast<std::size_t>(out[2] * count));
  const std::span columns(taps + rows.size(), static_cast<std::size_t>(out[3] * count));
  kernels::resample_taps(how, {in[2], out[2], scale(true), align}, rows);
  kernels::resample_taps(how, {in[3], out[3], scale(false), align}, columns);
  kernels::resample(count, in[2], in[3], rows, columns, x.f32(), y.f32());
}

std::string Upsample::extra_repr() const {
  const Options& o = options_;
  std::string text;
  if (o.scale_factor) {
    const auto& [h, w] = *o.scale_factor;
    text = h == w ? concat("scale_factor=", repr(h))
                  : concat("scale_factor=(", repr(h), ", ", repr(w), ")");
  } else {
    text = o.size->h == o.size->w ? concat("size=", o.size->h) : concat("size=", *o.size);
  }
  return text + ", mode='" + o.mode + "'";
}

}  // namespace nn
