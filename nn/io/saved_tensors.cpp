#include <algorithm>
#include <cmath>

#include <nn/io/entries.h>
#include <nn/io/file.h>
#include <nn/io/saved_tensors.h>
#include <nn/io/utf8.h>

namespace nn::io {
namespace {

// Conversion goes through little memory at a time.
constexpr std::int64_t elements_at_once = 8192;

void check_range(ConstTensorView before, ConstTensorView after) {
  const Tensor wide = to(before, DType::float64);
  const Tensor rounded = to(after, DType::float64);
  const auto from = wide.as<double>();
  const auto out = rounded.as<double>();
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (std::isfinite(from[i]) && !std::isfinite(out[i])) {
      fail("its value ", from[i], " is too large for ", after.dtype(),
           "; choose a wider type, float32 or bfloat16");
    }
  }
}

}  // namespace

SavedTensors::SavedTensors(const StateDict& state_dict, const SaveOptions& options)
    : state_dict_(state_dict), options_(options) {
  if (options.dtype && !is_floating_point(*options.dtype)) {
    fail("weights can be written as a floating-point type, not as ", *options.dtype);
  }
  const auto entries = state_dict.entries();
  if (entries.empty()) fail("there are no tensors to write");
  check_tensor_count(entries.size());
  items_.reserve(entries.size());
  std::vector<std::size_t> items(entries.size());  // by entry
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const StateDict::Entry& entry = entries[i];
    if (options.skip_unreadable && !entry.unreadable.empty()) continue;
    check_tensor_name(entry.name);
    if (!is_utf8(entry.name)) fail("the name '", printable(entry.name), "' is not UTF-8");
    if (!entry.unreadable.empty()) {
      fail(printable(state_dict.source()), ": tensor '", printable(entry.name),
           "': it cannot be used: ", entry.unreadable);
    }
    const auto dtype = dtype_named(entry.dtype);
    if (!dtype) fail("tensor '", printable(entry.name), "': ", entry.dtype, " cannot be written");
    const bool converts = options.dtype && is_floating_point(*dtype);
    const TensorSpec spec{entry.shape, converts ? *options.dtype : *dtype};
    items[i] = items_.size();
    items_.push_back({entry.name, spec, items[state_dict.original_of(i)]});
    total_ += nbytes(spec);
  }
  if (items_.empty()) {
    fail(printable(state_dict.source()), ": all of its tensors can only be listed ('",
         printable(entries[0].name), "': ", entries[0].unreadable, ")");
  }
}

void SavedTensors::give(const Tensor& values, std::size_t index, const TakeBytes& take) const {
  const Item& item = items_[index];
  if (values.dtype() == item.spec.dtype) return take(values.view().bytes());
  at_place(concat("tensor '", printable(item.name), "'"), [&] {
    const std::int64_t numel = values.numel();
    const ConstTensorView all = values.view().reshaped({numel});
    for (std::int64_t begin = 0; begin < numel; begin += elements_at_once) {
      const auto piece = all.rows(begin, std::min(elements_at_once, numel - begin));
      const Tensor converted = to(piece, item.spec.dtype);
      check_range(piece, converted);
      take(converted.view().bytes());
    }
  });
}

void SavedTensors::done(std::size_t index) const {
  done_ += nbytes(items_[index].spec);
  if (options_.progress) options_.progress(done_, total_);
}

}  // namespace nn::io
