#include <algorithm>
#include <ostream>

#include <nn/checked.h>
#include <nn/error.h>
#include <nn/shape.h>

namespace nn {
namespace {

std::string list_of(std::span<const std::int64_t> sizes) {
  std::string text = "[";
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(sizes[i]);
  }
  return text + "]";
}

}  // namespace

Shape::Shape(std::initializer_list<std::int64_t> sizes)
    : Shape(std::span<const std::int64_t>(sizes.begin(), sizes.size())) {}

Shape::Shape(std::span<const std::int64_t> sizes) : rank_(sizes.size()) {
  if (sizes.size() > max_rank) {
    fail("expected at most ", max_rank, " dimensions, got ", sizes.size());
  }
  for (const std::int64_t size : sizes) {
    if (size < 0) {
      fail("Trying to create tensor with negative dimension ", size, ": ", list_of(sizes));
    }
  }
  std::ranges::copy(sizes, sizes_.begin());
}

std::int64_t Shape::numel() const { return numel(0, rank_); }

std::int64_t Shape::numel(std::size_t begin, std::size_t end) const {
  std::int64_t product = 1;
  for (std::size_t i = begin; i < end; ++i) {
    const auto next = checked_multiply(product, sizes_[i]);
    if (!next) fail("numel: integer multiplication overflow in shape ", to_text(*this));
    product = *next;
  }
  return product;
}

Shape Shape::with(std::size_t i, std::int64_t size) const {
  Shape copy = *this;
  if (size < 0) fail("Trying to create tensor with negative dimension ", size);
  copy.sizes_[i] = size;
  return copy;
}

Shape Shape::appended(std::int64_t size) const {
  if (rank_ == max_rank) fail("expected at most ", max_rank, " dimensions, got ", rank_ + 1);
  Shape copy = *this;
  ++copy.rank_;
  return copy.with(rank_, size);
}

Shape Shape::without(std::size_t i) const {
  Shape copy = *this;
  std::copy(begin() + i + 1, end(), copy.sizes_.begin() + static_cast<std::ptrdiff_t>(i));
  --copy.rank_;
  return copy;
}

bool operator==(const Shape& a, const Shape& b) { return std::ranges::equal(a, b); }

std::string to_text(const Shape& shape) { return list_of({shape.begin(), shape.rank()}); }

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << to_text(shape); }

std::size_t normalize_dim(std::int64_t dim, std::size_t rank) {
  const auto count = static_cast<std::int64_t>(std::max<std::size_t>(rank, 1));
  if (dim < -count || dim >= count) {
    fail("Dimension out of range (expected to be in range of [", -count, ", ", count - 1,
         "], but got ", dim, ")");
  }
  return static_cast<std::size_t>(dim < 0 ? dim + count : dim);
}

}  // namespace nn
