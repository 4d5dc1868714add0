#include <algorithm>
#include <cstdlib>

#include <nn/image/png_rows.h>

namespace nn {
namespace {

// Where Adam7's passes start and how far apart their pixels are.
constexpr std::array<std::array<std::uint32_t, 4>, 7> adam7 = {{
    // x0, y0, dx, dy
    {0, 0, 8, 8},
    {4, 0, 8, 8},
    {0, 4, 4, 8},
    {2, 0, 4, 4},
    {0, 2, 2, 4},
    {1, 0, 2, 2},
    {0, 1, 1, 2},
}};

std::size_t count_from(std::uint32_t start, std::uint32_t step, std::uint32_t size) {
  return size > start ? (size - start + step - 1) / step : 0;
}

int paeth(int left, int above, int above_left) {
  const int guess = left + above - above_left;
  const int a = std::abs(guess - left);
  const int b = std::abs(guess - above);
  const int c = std::abs(guess - above_left);
  if (a <= b && a <= c) return left;
  return b <= c ? above : above_left;
}

}  // namespace

PngRows::PngRows(const PngHeader& header, std::size_t palette_size)
    : bits_(header.bits_per_pixel()),
      palette_size_(palette_size),
      indices_checked_(header.colour_type == 3 && palette_size < std::size_t{1} << bits_) {
  const auto add_pass = [&](std::size_t width, std::size_t height) {
    if (width == 0 || height == 0) return;
    const Pass pass{width, (width * bits_ + 7) / 8, height};
    passes_[pass_count_++] = pass;
    expected_ += std::uint64_t{pass.rows} * (1 + pass.row_bytes);
  };
  if (header.interlaced) {
    for (const auto& [x0, y0, dx, dy] : adam7) {
      add_pass(count_from(x0, dx, header.width), count_from(y0, dy, header.height));
    }
  } else {
    add_pass(header.width, header.height);
  }
  start_pass();
}

void PngRows::start_pass() {
  row_ = 0;
  if (indices_checked_ && pass_ < pass_count_) {
    current_.assign(passes_[pass_].row_bytes, 0);
    previous_.assign(passes_[pass_].row_bytes, 0);
  }
}

bool PngRows::accept(std::span<const std::byte> bytes) {
  seen_ += bytes.size();
  while (!bytes.empty() && problem_ == nullptr) {
    if (at_ == 0) {
      filter_ = std::to_integer<unsigned>(bytes[0]);
      if (filter_ > 4) {
        problem_ = "a row's filter is above 4";
        break;
      }
      bytes = bytes.subspan(1);
      at_ = 1;
    }
    const std::size_t row_bytes = passes_[pass_].row_bytes;
    const std::size_t count = std::min(bytes.size(), row_bytes + 1 - at_);
    if (indices_checked_) {
      std::transform(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count),
                     current_.begin() + static_cast<std::ptrdiff_t>(at_ - 1),
                     [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
    }
    bytes = bytes.subspan(count);
    at_ += count;
    if (at_ == row_bytes + 1 && !finish_row()) problem_ = "a pixel points beyond the palette";
  }
  return problem_ == nullptr;
}

bool PngRows::finish_row() {
  bool good = true;
  if (indices_checked_) {
    // A palette's pixel has one byte or less, so a filter's left neighbour is the byte before.
    for (std::size_t i = 0; i < current_.size(); ++i) {
      const int left = i > 0 ? current_[i - 1] : 0;
      const int above = previous_[i];
      const int above_left = i > 0 ? previous_[i - 1] : 0;
      const std::array<int, 5> guesses = {0, left, above, (left + above) / 2,
                                          paeth(left, above, above_left)};
      current_[i] = static_cast<std::uint8_t>(current_[i] + guesses[filter_]);
    }
    good = largest_index() < palette_size_;
    std::swap(current_, previous_);
  }
  at_ = 0;
  if (++row_ == passes_[pass_].rows) {
    ++pass_;
    start_pass();
  }
  return good;
}

unsigned PngRows::largest_index() const {
  const unsigned mask = (1U << bits_) - 1;
  unsigned largest = 0;
  for (std::size_t x = 0; x < passes_[pass_].row_pixels; ++x) {
    const std::size_t bit = x * bits_;
    const auto shift = static_cast<unsigned>(8 - bits_ - bit % 8);
    largest = std::max(largest, (static_cast<unsigned>(current_[bit / 8]) >> shift) & mask);
  }
  return largest;
}

}  // namespace nn
