#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include <nn/checked.h>
#include <nn/error.h>
#include <nn/io/tensor_view.h>

namespace nn::io {
namespace {

bool is_contiguous(const StridedView& view) {
  std::int64_t expected = 1;
  for (std::size_t i = view.shape.rank(); i-- > 0;) {
    if (view.shape[i] != 1 && view.strides[i] != expected) return false;
    expected *= view.shape[i];
  }
  return true;
}

}  // namespace

StridedView checked_view(std::span<const std::int64_t> sizes, std::span<const std::int64_t> strides,
                         std::int64_t offset, std::uint64_t storage_numel) {
  StridedView view;
  view.shape = Shape(sizes);
  const std::int64_t numel = view.shape.numel();
  if (strides.size() != sizes.size()) {
    fail("sizes ", view.shape, " have ", sizes.size(), " dimensions, the strides ", strides.size());
  }
  for (const std::int64_t stride : strides) {
    if (stride < 0) fail("stride ", stride, " is negative");
  }
  if (offset < 0) fail("offset ", offset, " is negative");
  view.strides.assign(strides.begin(), strides.end());
  if (numel == 0) return view;

  std::optional<std::uint64_t> last = 0;  // index of the last element, from the offset
  for (std::size_t i = 0; i < sizes.size() && last; ++i) {
    if (sizes[i] == 1) continue;
    const auto reach = checked_multiply(static_cast<std::uint64_t>(sizes[i] - 1),
                                        static_cast<std::uint64_t>(strides[i]));
    last = reach ? checked_add(*last, *reach) : std::nullopt;
  }
  view.offset = static_cast<std::uint64_t>(offset);
  const auto extent = last ? checked_add<std::uint64_t>(*last, 1) : std::nullopt;
  if (!extent || !fits(view.offset, *extent, storage_numel)) {
    fail("sizes ", view.shape, " with strides ", Shape(strides), " from element ", offset,
         " reach beyond the storage of ", storage_numel, " elements");
  }
  view.extent = *extent;
  view.contiguous = is_contiguous(view);
  return view;
}

std::uint64_t byte_size(const StridedView& view, std::size_t item_size) {
  const auto bytes =
      checked_multiply(static_cast<std::uint64_t>(view.shape.numel()), std::uint64_t{item_size});
  if (!bytes || *bytes > static_cast<std::uint64_t>(INT64_MAX)) {
    fail("Storage size calculation overflowed with sizes=", view.shape);
  }
  return *bytes;
}

void gather(const StridedView& view, std::size_t item_size, std::span<const std::byte> window,
            std::span<std::byte> out) {
  if (out.empty()) return;
  const std::size_t rank = view.shape.rank();
  const std::size_t inner = rank == 0 ? 1 : static_cast<std::size_t>(view.shape[rank - 1]);
  const std::size_t step =
      rank == 0 ? 0 : static_cast<std::size_t>(view.strides[rank - 1]) * item_size;
  std::array<std::int64_t, Shape::max_rank> index{};
  std::byte* to = out.data();
  std::size_t row = 0;  // byte in the window at which the innermost run begins
  while (true) {
    // A run of one element may have any stride.
    for (std::size_t i = 0, from = row; i < inner; ++i, from = i * step + row) {
      std::memcpy(to, window.data() + from, item_size);
      to += item_size;
    }
    std::size_t dim = rank < 2 ? 0 : rank - 1;
    while (dim > 0) {
      --dim;
      const std::size_t stride = static_cast<std::size_t>(view.strides[dim]) * item_size;
      if (++index[dim] < view.shape[dim]) {
        row += stride;
        break;
      }
      row -= stride * static_cast<std::size_t>(view.shape[dim] - 1);
      index[dim] = 0;
      if (dim == 0) return;
    }
    if (rank < 2) return;
  }
}

void swap_bytes(std::span<std::byte> bytes, std::size_t number_size) {
  if (number_size < 2) return;
  for (std::size_t i = 0; i + number_size <= bytes.size(); i += number_size) {
    std::ranges::reverse(bytes.subspan(i, number_size));
  }
}

bool can_negate(DType dtype) {
  switch (dtype) {
    case DType::float32:
    case DType::float64:
    case DType::float16:
    case DType::bfloat16:
    case DType::int64:
    case DType::int32:
    case DType::int16:
    case DType::int8:
    case DType::uint8:
      return true;
    default:
      return false;
  }
}

void negate(std::span<std::byte> bytes, DType dtype) {
  const std::size_t size = size_of(dtype);
  if (is_floating_point(dtype)) {  // the sign is the highest bit
    for (std::size_t i = size - 1; i < bytes.size(); i += size) bytes[i] ^= std::byte{0x80};
    return;
  }
  for (std::size_t i = 0; i < bytes.size(); i += size) {
    std::uint64_t number = 0;
    std::memcpy(&number, &bytes[i], size);
    number = -number;
    std::memcpy(&bytes[i], &number, size);
  }
}

void make_bools(std::span<std::byte> bytes) {
  std::ranges::transform(bytes, bytes.begin(), [](std::byte b) {
    return b == std::byte{0} ? std::byte{0} : std::byte{1};
  });
}

}  // namespace nn::io
