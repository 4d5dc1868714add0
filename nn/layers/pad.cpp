#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include <nn/checked.h>
#include <nn/layers/pad.h>
#include <nn/layers/repr.h>
#include <nn/layers/strides.h>

namespace nn {
namespace {

using kernels::PadDim;
using kernels::PadMode;

using PadDims = std::array<PadDim, Shape::max_rank>;

PadDims dims_of(const std::vector<std::int64_t>& pad, const Shape& shape) {
  PadDims dims{};
  const std::size_t rank = shape.rank();
  for (std::size_t i = 0; i < rank; ++i) dims[i].size = shape[i];
  for (std::size_t i = 0; 2 * i < pad.size(); ++i) {
    dims[rank - 1 - i].before = pad[2 * i];
    dims[rank - 1 - i].after = pad[2 * i + 1];
  }
  return dims;
}

void require_fits(PadMode mode, const PadDim& dim, std::size_t at, const Shape& in) {
  if (mode == PadMode::reflect && (dim.before >= dim.size || dim.after >= dim.size)) {
    fail("Padding size should be less than the corresponding input dimension, but got: padding (",
         dim.before, ", ", dim.after, ") at dimension ", at, " of input ", in);
  }
  const std::int64_t left = std::min({dim.size, dim.size + dim.before, dim.size + dim.after});
  if (mode == PadMode::circular && (dim.before > left || dim.after > left)) {
    fail("Padding value causes wrapping around more than once: (", dim.before, ", ", dim.after,
         ") at dimension ", at, " of input ", in);
  }
  if (mode != PadMode::constant && dim.size == 0) {
    fail("dimension ", at, " of input ", in, " is empty: nothing to pad it with");
  }
}

template <class T>
std::size_t put(T value, std::span<std::byte> bytes) {
  std::memcpy(bytes.data(), &value, sizeof value);
  return sizeof value;
}

// The bytes of a number as an element; none for types that only 0 is known of.
std::size_t element(double value, DType dtype, std::span<std::byte> bytes) {
  switch (dtype) {
    case DType::float32:
      return put(static_cast<float>(value), bytes);
    case DType::float64:
      return put(value, bytes);
    case DType::int64:
      return put(static_cast<std::int64_t>(value), bytes);
    case DType::int32:
      return put(static_cast<std::int32_t>(value), bytes);
    case DType::uint8:
      return put(static_cast<std::uint8_t>(value), bytes);
    case DType::boolean:
      return put(static_cast<std::uint8_t>(value != 0 ? 1 : 0), bytes);
    default:
      return 0;
  }
}

bool holds(double value, DType dtype) {
  const auto within = [&](auto lowest, auto highest) {
    return value == static_cast<double>(static_cast<std::int64_t>(value)) &&
           value >= static_cast<double>(lowest) && value <= static_cast<double>(highest);
  };
  switch (dtype) {
    case DType::float32:
    case DType::float64:
    case DType::boolean:
      return true;
    case DType::int64:
      return std::abs(value) < 9e18 && within(-9e18, 9e18);
    case DType::int32:
      return std::abs(value) < 3e9 && within(INT32_MIN, INT32_MAX);
    case DType::uint8:
      return std::abs(value) < 256 && within(0, 255);
    default:
      return value == 0;
  }
}

}  // namespace

kernels::PadMode pad_mode(std::string_view kind, std::string_view mode) {
  if (mode == "constant" || mode == "zeros") return PadMode::constant;
  if (mode == "reflect") return PadMode::reflect;
  if (mode == "replicate") return PadMode::replicate;
  if (mode == "circular") return PadMode::circular;
  fail(kind, ": expected a padding of mode constant, reflect, replicate or circular, got '",
       printable(mode), "'");
}

Pad::Pad(const Options& options) : options_(options), mode_(pad_mode("Pad", options.mode)) {
  if (options_.pad.size() % 2 != 0) fail("Pad: Padding length must be divisible by 2");
}

std::vector<TensorSpec> Pad::outputs(std::span<const TensorSpec> in) const {
  const TensorSpec& x = one_input(in);
  if (options_.pad.size() > 2 * x.shape.rank()) {
    fail("Padding length should be less than or equal to two times the input dimension but got ",
         "padding length ", options_.pad.size(), " and input of dimension ", x.shape.rank());
  }
  if (mode_ == PadMode::constant && !holds(options_.value, x.dtype)) {
    fail("a padding of ", repr(options_.value), " is no element of ", x.dtype);
  }
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 4;
  for (const std::int64_t cells : options_.pad) {
    if (cells > most || cells < -most) fail("a padding of ", cells, " cells is out of range");
  }
  const PadDims dims = dims_of(options_.pad, x.shape);
  Shape out = x.shape;
  for (std::size_t i = 0; i < out.rank(); ++i) {
    if (dims[i].before == 0 && dims[i].after == 0) continue;
    if (dims[i].size > most || dims[i].padded() < 0) {
      fail("The input size ", dims[i].size, ", plus negative padding ", dims[i].before, " and ",
           dims[i].after, " resulted in a negative output size, which is invalid. Check dimension ",
           i, " of your input.");
    }
    require_fits(mode_, dims[i], i, x.shape);
    out = out.with(i, dims[i].padded());
  }
  return {{out, x.dtype}};
}

void Pad::forward(std::span<const ConstTensorView> x, std::span<const TensorView> y,
                  Context&) const {
  const PadDims dims = dims_of(options_.pad, x[0].shape());
  std::array<std::byte, 8> bytes{};
  const std::size_t size = element(options_.value, x[0].dtype(), bytes);
  kernels::pad(mode_, {dims.data(), x[0].shape().rank()}, size_of(x[0].dtype()),
               {bytes.data(), size}, x[0].bytes(), y[0].bytes());
}

bool Pad::rows_independent(std::span<const TensorSpec> in) const {
  const Shape& shape = in[0].shape;
  if (shape.rank() == 0) return false;
  const PadDim rows = dims_of(options_.pad, shape)[0];
  return rows.before == 0 && rows.after == 0;
}

std::string Pad::extra_repr() const {
  std::string text = concat("(", joined(options_.pad), ")");
  if (mode_ != PadMode::constant) return text + ", mode='" + options_.mode + "'";
  if (options_.value != 0) text += concat(", value=", repr(options_.value));
  return text;
}

}  // namespace nn
