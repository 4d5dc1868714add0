#include <algorithm>
#include <array>
#include <cstring>

#include <nn/kernels/pad.h>

namespace nn::kernels {
namespace {

template <class Item>
Item item_of(std::span<const std::byte> value) {
  Item item{};
  if (value.size() >= sizeof item) std::memcpy(&item, value.data(), sizeof item);
  return item;
}

// One row of the padded dimension, each cell of `run` items. The cells of the input itself are one
// copy.
template <class Item>
void pad_row(PadMode mode, const PadDim& dim, std::int64_t run, Item value, const Item* from,
             Item* to) {
  const std::int64_t first = std::max<std::int64_t>(dim.before, 0);
  const std::int64_t skipped = first - dim.before;
  const std::int64_t last = std::max(first, std::min(dim.padded(), dim.before + dim.size));
  const auto cell = [&](std::int64_t at) {
    const std::int64_t source = padded_cell(mode, dim, at);
    if (source < 0) {
      std::fill_n(to + at * run, run, value);
    } else {
      std::copy_n(from + source * run, run, to + at * run);
    }
  };
  for (std::int64_t at = 0; at < std::min(first, dim.padded()); ++at) cell(at);
  if (last > first) std::copy_n(from + skipped * run, (last - first) * run, to + first * run);
  for (std::int64_t at = last; at < dim.padded(); ++at) cell(at);
}

template <class Item>
void pad_items(PadMode mode, std::span<const PadDim> dims, std::span<const std::byte> value_bytes,
               const std::byte* from_bytes, std::byte* to_bytes) {
  const auto value = item_of<Item>(value_bytes);
  const Item* const from = reinterpret_cast<const Item*>(from_bytes);
  Item* to = reinterpret_cast<Item*>(to_bytes);
  // Behind the last dimension that changes, cells are runs of items.
  std::size_t depth = dims.size();
  std::int64_t run = 1;
  while (depth > 1 && dims[depth - 1].before == 0 && dims[depth - 1].after == 0) {
    run *= dims[--depth].size;
  }
  const PadDim& row = dims[depth - 1];
  std::array<std::int64_t, Shape::max_rank> at{};
  for (;;) {
    std::int64_t source = 0;
    bool outside = false;
    for (std::size_t i = 0; i + 1 < depth && !outside; ++i) {
      const std::int64_t cell = padded_cell(mode, dims[i], at[i]);
      outside = cell < 0;
      source = source * dims[i].size + cell;
    }
    if (outside) {
      std::fill_n(to, row.padded() * run, value);
    } else {
      pad_row(mode, row, run, value, from + source * row.size * run, to);
    }
    to += row.padded() * run;
    std::size_t i = depth - 1;
    for (;;) {
      if (i == 0) return;
      --i;
      if (++at[i] < dims[i].padded()) break;
      at[i] = 0;
    }
  }
}

}  // namespace

std::int64_t padded_cell(PadMode mode, const PadDim& dim, std::int64_t at) {
  const std::int64_t cell = at - dim.before;
  if (cell >= 0 && cell < dim.size) return cell;
  switch (mode) {
    case PadMode::constant:
      break;
    case PadMode::reflect:
      return cell < 0 ? -cell : 2 * (dim.size - 1) - cell;
    case PadMode::replicate:
      return cell < 0 ? 0 : dim.size - 1;
    case PadMode::circular: {  // of what is left where cells are taken away
      const std::int64_t first = std::max<std::int64_t>(-dim.before, 0);
      const std::int64_t left = dim.size - first - std::max<std::int64_t>(-dim.after, 0);
      return cell < first ? cell + left : cell - left;
    }
  }
  return -1;
}

void pad(PadMode mode, std::span<const PadDim> dims, std::size_t item_size,
         std::span<const std::byte> value, std::span<const std::byte> from,
         std::span<std::byte> to) {
  if (to.empty()) return;
  static constexpr PadDim one{};
  if (dims.empty()) dims = {&one, 1};
  switch (item_size) {
    case 1:
      return pad_items<std::uint8_t>(mode, dims, value, from.data(), to.data());
    case 2:
      return pad_items<std::uint16_t>(mode, dims, value, from.data(), to.data());
    case 4:
      return pad_items<std::uint32_t>(mode, dims, value, from.data(), to.data());
    default:
      return pad_items<std::uint64_t>(mode, dims, value, from.data(), to.data());
  }
}

}  // namespace nn::kernels
