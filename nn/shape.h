#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <string>

namespace nn {

// The sizes of a tensor's dimensions, outermost first: [N, C, H, W]. Rank 0 is a scalar, a size of
// 0 an empty tensor. Holds its sizes in place, so copying one never allocates.
class Shape {
 public:
  static constexpr std::size_t max_rank = 32;

  constexpr Shape() = default;
  // Throws Error on a negative size or more than max_rank sizes.
  Shape(std::initializer_list<std::int64_t> sizes);
  explicit Shape(std::span<const std::int64_t> sizes);

  std::size_t rank() const { return rank_; }
  // REQUIRES: i < rank().
  std::int64_t operator[](std::size_t i) const { return sizes_[i]; }
  const std::int64_t* begin() const { return sizes_.data(); }
  const std::int64_t* end() const { return sizes_.data() + rank_; }

  // The number of elements; 1 for rank 0. Throws Error when it does not fit 64 bits, also where a
  // later size is 0 (PyTorch: "numel: integer multiplication overflow").
  std::int64_t numel() const;
  // The product of the sizes of dimensions [begin, end).
  std::int64_t numel(std::size_t begin, std::size_t end) const;

  // A copy with one size changed, appended, or with dimension i removed.
  Shape with(std::size_t i, std::int64_t size) const;
  Shape appended(std::int64_t size) const;
  Shape without(std::size_t i) const;

  friend bool operator==(const Shape& a, const Shape& b);

 private:
  std::array<std::int64_t, max_rank> sizes_{};
  std::size_t rank_ = 0;
};

// "[1, 28, 28]"
std::string to_text(const Shape& shape);
std::ostream& operator<<(std::ostream& out, const Shape& shape);

// A dimension counted from the end when negative, made non-negative; rank 0 counts as rank 1.
// Throws Error: "Dimension out of range (expected to be in range of [-2, 1], but got 2)".
std::size_t normalize_dim(std::int64_t dim, std::size_t rank);

}  // namespace nn
