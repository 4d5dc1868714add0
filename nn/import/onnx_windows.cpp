#include <algorithm>

#include <nn/import/onnx_windows.h>
#include <nn/layers/pad.h>
#include <nn/layers/sizes_of.h>

namespace nn {
namespace {

std::vector<std::int64_t> numbers_of(const OnnxStep& step, std::string_view attribute,
                                     std::size_t count) {
  auto values = step.integers(attribute, std::vector<std::int64_t>(count, 1));
  if (values.size() != count) {
    fail("attribute '", attribute, "' has ", values.size(), " numbers, expected ", count,
         ": one for each dimension of the window");
  }
  for (const std::int64_t value : values) {
    if (value < 1 || value > INT32_MAX) {
      fail("attribute '", attribute, "' holds ", value, ", expected 1 to ", INT32_MAX);
    }
  }
  return values;
}

}  // namespace

std::string auto_pad_of(const OnnxStep& step) {
  std::string way = step.text("auto_pad", "NOTSET");
  const bool known =
      way == "NOTSET" || way == "VALID" || way == "SAME_UPPER" || way == "SAME_LOWER";
  if (!known) {
    fail("attribute 'auto_pad' is '", printable(way),
         "', expected NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  }
  return way;
}

OnnxWindows OnnxWindows::resolved(std::span<const std::int64_t> sizes) const {
  if (!depends_on_sizes) return *this;
  if (sizes.size() != rank() + 2) {
    fail("expected an input of ", rank() + 2, " dimensions, got ", sizes.size());
  }
  OnnxWindows result = *this;
  result.depends_on_sizes = false;
  for (std::size_t i = 0; i < rank(); ++i) {
    // As many outputs as strides fit the input.
    const std::int64_t in = sizes[i + 2], out = (in + stride[i] - 1) / stride[i];
    const std::int64_t total =
        std::max<std::int64_t>((out - 1) * stride[i] + dilation[i] * (kernel[i] - 1) + 1 - in, 0);
    result.before[i] = same_upper ? total / 2 : total - total / 2;
    result.behind[i] = total - result.before[i];
  }
  return result;
}

std::vector<std::int64_t> OnnxWindows::pad() const {
  std::vector<std::int64_t> pad;
  for (std::size_t i = rank(); i-- > 0;) {
    pad.push_back(before[i]);
    pad.push_back(behind[i]);
  }
  return pad;
}

OnnxWindows windows_of(const OnnxStep& step, std::vector<std::int64_t> kernel) {
  OnnxWindows windows;
  const std::size_t rank = kernel.size();
  windows.kernel = std::move(kernel);
  windows.stride = numbers_of(step, "strides", rank);
  windows.dilation = numbers_of(step, "dilations", rank);
  windows.before.assign(rank, 0);
  windows.behind.assign(rank, 0);
  for (const std::int64_t size : windows.kernel) {
    if (size < 1 || size > INT32_MAX) {
      fail("the window has a size of ", size, ", expected 1 to ", INT32_MAX);
    }
  }
  const std::string way = auto_pad_of(step);
  if (step.has("pads")) {
    const auto pads = step.integers("pads");
    if (pads.size() != 2 * rank) {
      fail("attribute 'pads' has ", pads.size(), " numbers, expected ", 2 * rank,
           ": before and behind each dimension of the window");
    }
    for (const std::int64_t pad : pads) {
      if (pad < 0 || pad > INT32_MAX) {
        fail("attribute 'pads' holds ", pad, ", expected 0 to ", INT32_MAX);
      }
    }
    const bool any = std::ranges::any_of(pads, [](std::int64_t pad) { return pad != 0; });
    if (any && way != "NOTSET") {
      fail("attribute 'auto_pad' is '", way, "' and 'pads' is given too, expected one of both");
    }
    std::copy_n(pads.begin(), rank, windows.before.begin());
    std::copy_n(pads.begin() + static_cast<std::ptrdiff_t>(rank), rank, windows.behind.begin());
  }
  if (!way.starts_with("SAME")) return windows;
  windows.same_upper = way == "SAME_UPPER";
  windows.depends_on_sizes = std::ranges::any_of(windows.stride, [](auto s) { return s != 1; });
  for (std::size_t i = 0; i < rank && !windows.depends_on_sizes; ++i) {
    const std::int64_t total = windows.dilation[i] * (windows.kernel[i] - 1);
    windows.before[i] = windows.same_upper ? total / 2 : total - total / 2;
    windows.behind[i] = total - windows.before[i];
  }
  return windows;
}

Operand padded(OnnxStep& step, const Operand& x, const OnnxWindows& windows, double value) {
  const auto layer = [value](const OnnxWindows& known) {
    return Module(Pad({.pad = known.pad(), .value = value}));
  };
  if (!windows.depends_on_sizes) return step.between(layer(windows), {x});
  const auto make = [windows, layer](std::span<const Deferred::Argument> arguments) {
    return layer(windows.resolved(arguments[0].integers()));
  };
  return step.between({x}, {.kind = "Pad", .make = make}, {step.sizes_of(x)});
}

}  // namespace nn
