#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace nn {

// Size arithmetic for numbers that come from a file or a caller: nothing instead of a wrapped
// result.
template <class Integer>
[[nodiscard]] std::optional<Integer> checked_add(Integer a, Integer b) {
  Integer result;
  if (__builtin_add_overflow(a, b, &result)) return std::nullopt;
  return result;
}

template <class Integer>
[[nodiscard]] std::optional<Integer> checked_multiply(Integer a, Integer b) {
  Integer result;
  if (__builtin_mul_overflow(a, b, &result)) return std::nullopt;
  return result;
}

// True when [offset, offset + length) lies inside [0, size).
[[nodiscard]] constexpr bool fits(std::uint64_t offset, std::uint64_t length, std::uint64_t size) {
  return offset <= size && length <= size - offset;
}

}  // namespace nn
