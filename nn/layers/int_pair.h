#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include <nn/error.h>

namespace nn {

// A size for height and width: one number for both, or {h, w}, as PyTorch takes them.
//   .kernel_size = 3          .kernel_size = {3, 5}
struct IntPair {
  std::int64_t h = 0;
  std::int64_t w = 0;

  constexpr IntPair() = default;
  template <std::integral T>
  constexpr IntPair(T both)
      : h(static_cast<std::int64_t>(both)), w(static_cast<std::int64_t>(both)) {}
  constexpr IntPair(std::int64_t height, std::int64_t width) : h(height), w(width) {}

  friend bool operator==(const IntPair&, const IntPair&) = default;
};
// "(3, 5)", as PyTorch prints a pair.
inline std::string to_text(const IntPair& pair) { return concat("(", pair.h, ", ", pair.w, ")"); }

// A convolution's padding: a number, {h, w}, "same" (the output is as large as the input; an odd
// cell goes to the bottom and to the right) or "valid" (none).
class Padding {
 public:
  enum class Mode : std::uint8_t { numbers, same, valid };

  Padding() = default;
  template <std::integral T>
  Padding(T both) : numbers_(both) {}
  Padding(std::int64_t height, std::int64_t width) : numbers_(height, width) {}
  Padding(IntPair numbers) : numbers_(numbers) {}
  // Throws Error unless it is "same" or "valid".
  Padding(const char* mode) : Padding(std::string_view(mode)) {}
  Padding(std::string_view mode);

  Mode mode() const { return mode_; }
  // REQUIRES: mode() is numbers.
  const IntPair& numbers() const { return numbers_; }

  friend bool operator==(const Padding&, const Padding&) = default;

 private:
  IntPair numbers_{0, 0};
  Mode mode_ = Mode::numbers;
};
// "(1, 1)", "same", "valid", as PyTorch prints it.
std::string to_text(const Padding& padding);

}  // namespace nn
