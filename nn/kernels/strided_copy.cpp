#include <algorithm>
#include <cstring>

#include <nn/kernels/strided_copy.h>

namespace nn::kernels {
namespace {

// A transposition goes by squares that fit the first cache from both sides.
constexpr std::int64_t square = 16;

// The two inner loops, [rows, columns], of which the outer one reads neighbours.
template <class Item>
void transpose(const Item* from, std::int64_t rows, std::int64_t columns, std::int64_t stride,
               Item* to) {
  for (std::int64_t row = 0; row < rows; row += square) {
    const std::int64_t last_row = std::min(rows, row + square);
    for (std::int64_t column = 0; column < columns; column += square) {
      const std::int64_t last_column = std::min(columns, column + square);
      for (std::int64_t i = row; i < last_row; ++i) {
        for (std::int64_t j = column; j < last_column; ++j) {
          to[i * columns + j] = from[i + j * stride];
        }
      }
    }
  }
}

template <class Item>
void innermost(const Item* from, std::int64_t size, std::int64_t stride, Item* to) {
  if (stride == 1) {
    std::memcpy(to, from, static_cast<std::size_t>(size) * sizeof(Item));
  } else if (stride == 0) {
    std::fill_n(to, size, *from);
  } else {
    for (std::int64_t i = 0; i < size; ++i) to[i] = from[i * stride];
  }
}

// Calls work(from, to) for each turn of the outer `depth` loops.
template <class Item, class Work>
void for_each(const StridedLoops& loops, std::size_t depth, const Item* from, Item* to,
              std::int64_t run, Work work) {
  std::array<std::int64_t, Shape::max_rank> at{};
  for (;;) {
    work(from, to);
    to += run;
    std::size_t i = depth;
    for (;;) {
      if (i == 0) return;
      --i;
      from += loops.stride[i];
      if (++at[i] < loops.size[i]) break;
      from -= loops.stride[i] * loops.size[i];
      at[i] = 0;
    }
  }
}

template <class Item>
void copy_items(const StridedLoops& loops, const std::byte* from_bytes, std::byte* to_bytes) {
  const Item* const from = reinterpret_cast<const Item*>(from_bytes) + loops.offset;
  Item* const to = reinterpret_cast<Item*>(to_bytes);
  if (loops.rank == 0) {
    *to = *from;
    return;
  }
  const std::size_t last = loops.rank - 1;
  const std::int64_t size = loops.size[last], stride = loops.stride[last];
  if (last > 0 && loops.stride[last - 1] == 1 && stride != 1 && stride != 0) {
    const std::int64_t rows = loops.size[last - 1];
    for_each(loops, last - 1, from, to, rows * size,
             [&](const Item* x, Item* y) { transpose(x, rows, size, stride, y); });
  } else {
    for_each(loops, last, from, to, size,
             [&](const Item* x, Item* y) { innermost(x, size, stride, y); });
  }
}

}  // namespace

void StridedLoops::add(std::int64_t loop_size, std::int64_t loop_stride) {
  if (loop_size == 1) return;
  if (rank > 0 && stride[rank - 1] == loop_stride * loop_size) {
    size[rank - 1] *= loop_size;
    stride[rank - 1] = loop_stride;
    return;
  }
  size[rank] = loop_size;
  stride[rank] = loop_stride;
  ++rank;
}

void strided_copy(const StridedLoops& loops, std::size_t item_size, std::span<const std::byte> from,
                  std::span<std::byte> to) {
  if (to.empty()) return;
  switch (item_size) {
    case 1:
      return copy_items<std::uint8_t>(loops, from.data(), to.data());
    case 2:
      return copy_items<std::uint16_t>(loops, from.data(), to.data());
    case 4:
      return copy_items<std::uint32_t>(loops, from.data(), to.data());
    default:
      return copy_items<std::uint64_t>(loops, from.data(), to.data());
  }
}

}  // namespace nn::kernels
